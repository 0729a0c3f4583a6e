import { CancellationScope, condition, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { longestSample } from '../../src/contract/buffer-policy.js';
import { foldFindings } from '../../src/findings/fold-findings.js';
import type { Mode } from '../../src/contract/input.js';
import type { Counts, Finding, Headroom, PageAddress, SequenceRow } from '../../src/contract/status.js';
import type {
  Expectation,
  FetchInput,
  PageRange,
  PairIdentity,
  PlannedSequence,
  Policy,
  RecordedAnswer,
  RecordedRow,
  RecordInput,
  VerifyReport,
} from '../../src/steps/steps.js';
import { toKnown, toRecorded } from '../../src/planning/changed-rows.js';
import { markSetEarlier } from '../../src/planning/merge-rounds.js';
import { packOutcomes, unpackOutcomes } from '../../src/planning/outcomes.js';
import { behindItsRows, notAhead } from '../../src/planning/sequence-findings.js';
import { standingDigest, standingOf } from '../../src/planning/standing.js';
import { sumOfDigests } from '../../src/steps/digest.js';
import { largestBuffers, type MeasuredBuffers } from '../../src/sequences/measured-buffer.js';
import { packTable, unpackTable } from '../../src/steps/table.js';
import { impliedRow, upgradeTable } from '../../src/steps/implied.js';
import { lastValueBefore } from '../../src/sequences/sequence.js';
import { guardedSetval } from '../../src/sequences/statement.js';
import type { WatchedSequence } from '../../src/sequences/watch-list.js';
import { parting, reading } from '../activities.js';
import { applySettings, type NamedSetting } from './apply-settings.js';
import { typedEnding } from '../ending.js';
import { takeFloods } from '../floods.js';
import { itemAt } from '../item-at.js';
import { recordInLedger } from '../record-in-ledger.js';
import { answerSequences } from '../sequences-answer.js';
import { proceedSignal, recordedQuery, sequencesQuery, statementsQuery } from '../messages.js';

/** Measured buffers that a page of its own tells its run; the others are known by the largest of them. */
const MEASURED_TOLD = 200;

/** One page of sequences, and what is to be done with it. */
export interface PageTask {
  identity: PairIdentity;
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
  range: PageRange;
  /** Set each sequence by a step of its own, so that history reads sequence by sequence. */
  individually: boolean;
  run: RecordInput['run'];
  round: number;
  /** What earlier rounds have made of the sequences of this page, packed by `packOutcomes`, and maybe of others. */
  earlier?: string[];
}

/** What a page tells its run: bounded, never its rows. */
export interface PageReport {
  counts: Counts;
  findings: Finding[];
  minimumHeadroom: Headroom | null;
  watched: WatchedSequence[];
  /** Null where the policy measures nothing. */
  measured: MeasuredBuffers | null;
  verifiedAt: string | null;
  primaryReadAt: string | null;
  /** Why the ledger could not be written; null when it was, or is off. */
  ledgerUnavailable: string | null;
  /** In the mode failover: where the primary stood, packed as in `LastReadings`; absent where an older worker answered. */
  readings?: string[];
  /** The sum of where all sequences of the page stand; absent from an older worker. */
  standings?: string;
  /** What became of each, packed by `packOutcomes`; only from a page of its own. */
  outcomes?: string;
}

/** A page in the making. The steps are called in the order in which they stand here. */
export class Page {
  rows: PlannedSequence[] = [];
  private findings: Finding[] = [];
  private since: FetchInput['since'] = null;
  private fetchedAt: string | null = null;
  private minimumHeadroom: Headroom | null = null;
  private watched: WatchedSequence[] = [];
  private verifiedAt: string | null = null;
  private primaryReadAt: string | null = null;
  private ledgerUnavailable: string | null = null;
  private readings: string[] = [];
  /** Those that were to be set, or kept, and are not ahead. */
  private readonly behind = new Set<string>();
  /** In the words of the plan, of those that were not to be moved. */
  private readonly unmoved = new Map<string, string>();
  /** Whether something may have been set. */
  private isSetting = false;
  /** Whether it was cancelled, and its rows say what had been set by then. */
  isInterrupted = false;

  constructor(private readonly task: PageTask) {}

  /** Where the policy measures: a first look at the primary, and time for it to move on. */
  async sample(): Promise<void> {
    const { identity, policy, range } = this.task;
    const sample = longestSample(policy);
    if (sample === null) return;
    const first = await reading.samplePrimary.executeWithOptions(
      { summary: 'read where the primary stands' },
      [{ identity, range }],
    );
    this.since = { ...first, leastMs: sample.ms };
    await sleep(sample.ms, { summary: `measure the primary's consumption for ${sample.text}` });
  }

  /** Fetch and compute, and, where the mode writes, set. */
  async synchronize(): Promise<void> {
    const { identity, mode, policy, primaryMaxConnections, range } = this.task;
    const primary = await reading.fetchPrimarySequences.executeWithOptions(
      { summary: "fetch the primary's sequences" },
      [{ identity, range, since: this.since }],
    );
    this.since = null;
    this.fetchedAt = primary.readAt;
    this.primaryReadAt = primary.readAt;
    const page = await reading.computeTargets.executeWithOptions({ summary: 'compute targets' }, [
      { identity, range, mode, policy, primaryMaxConnections, primary: primary.sequences },
    ]);
    this.rows = unpackTable(upgradeTable(page.rows, 'plan'));
    for (const row of this.rows) {
      const standing = standingOf(row, false);
      if (standing !== 'ahead') this.unmoved.set(row.sequence, standingDigest(row.sequence, standing));
    }
    this.findings.push(...page.findings);
    this.readings = page.notCompared === undefined ? [] : [page.notCompared];
    if (mode === 'sync' || mode === 'failover') {
      const settings = this.rows.filter(({ outcome }) => outcome === 'applied').map(toSetting);
      this.isSetting = settings.length > 0;
      const failures = await applySettings({ identity, range }, settings, this.task.individually);
      this.findings.push(...failures);
      for (const { sequence, message } of failures) this.fail(sequence, message);
    }
  }

  /** Reads both sides again and proves that the standby is ahead. */
  async verify(steps: Pick<typeof reading, 'verifyStandby'> = reading): Promise<void> {
    if (this.task.mode === 'plan') return;
    const expected = this.rows.filter(isVerifiable);
    if (expected.length === 0) {
      this.verifiedAt = new Date().toISOString();
      return;
    }
    const report = await steps.verifyStandby.executeWithOptions({ summary: 'verify the standby' }, [
      {
        identity: this.task.identity,
        range: this.task.range,
        expectations: packTable(expected.map(toExpectation)),
        ...(this.task.mode === 'failover' ? { tellReadings: true } : {}),
      },
    ]);
    if (report.readings !== undefined) this.readings.push(report.readings);
    this.findings.push(...noteVerified(expected, report, this.task.mode));
    for (const { sequence, outcome } of expected) if (outcome === 'failed') this.behind.add(sequence);
    this.minimumHeadroom = report.least && {
      sequence: itemAt(expected, report.least.position).sequence,
      calls: report.least.headroom,
    };
    this.watched = report.mostDrained.map(({ position, primaryNext, headroom }) => {
      const { sequence, buffer } = itemAt(expected, position);
      return { sequence, next: primaryNext, at: report.primaryReadAt, headroom, buffer, rate: null };
    });
    this.verifiedAt = report.verifiedAt;
    this.primaryReadAt = report.primaryReadAt;
  }

  /** Writes the ledger; a ledger that cannot be written is a warning, the history has it all. */
  async record(steps: Pick<typeof reading, 'recordBuffer'> = reading): Promise<void> {
    const { identity, mode, run, round } = this.task;
    if (mode === 'plan' || mode === 'verify') return;
    this.ledgerUnavailable = await recordInLedger(steps, 'record the buffer', {
      identity,
      run,
      round,
      primaryReadAt: this.fetchedAt,
      rows: packTable(this.rows.map(toRow), impliedRow),
    });
  }

  /**
   * Does the work. Where it is cancelled while values are set, or later, what they have come to is read and recorded before it ends;
   * where that takes too long, the history alone has the targets.
   */
  async untilCancelled(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.isSetting && CancellationScope.current().consideredCancelled)
        await CancellationScope.nonCancellable(() => this.recordInterrupted().catch(() => undefined));
      throw error;
    }
  }

  private async recordInterrupted(): Promise<void> {
    const wanted = this.rows.filter(({ outcome }) => outcome === 'applied');
    await this.verify(parting);
    for (const row of wanted)
      if (row.outcome === 'failed') row.reason = 'behind its target when the run was cancelled';
    this.isInterrupted = true;
    await this.record(parting);
  }

  /** Earlier rounds count: what they have set is not merely kept. */
  noteEarlier(): void {
    const { earlier } = this.task;
    if (earlier !== undefined) markSetEarlier(this.rows, unpackOutcomes(earlier));
  }

  /** The rows with what later reads are compared with. */
  recorded(): RecordedRow[] {
    return this.rows.map((row) => {
      const recorded = toRecorded(row, this.behind.has(row.sequence) ? 'behind' : 'ahead');
      const unmoved = this.unmoved.get(row.sequence);
      return unmoved === undefined ? recorded : { ...recorded, standing: unmoved };
    });
  }

  private standings(): string {
    return sumOfDigests(
      this.recorded().map(({ sequence, standing }) => standing ?? standingDigest(sequence, 'ahead')),
    );
  }

  report(): PageReport {
    return {
      counts: countRows(this.rows),
      findings: foldFindings(this.findings),
      minimumHeadroom: this.minimumHeadroom,
      watched: this.watched,
      measured: this.measured(),
      verifiedAt: this.verifiedAt,
      primaryReadAt: this.primaryReadAt,
      ledgerUnavailable: this.ledgerUnavailable,
      ...(this.readings.length === 0 ? {} : { readings: this.readings }),
      standings: this.standings(),
    };
  }

  private measured(): MeasuredBuffers | null {
    if (longestSample(this.task.policy) === null) return null;
    const byOid = this.rows.flatMap(({ oid, measured }): [number, string][] =>
      oid === undefined || measured === undefined ? [] : [[oid, measured]],
    );
    return { byOid, others: '0' };
  }

  private fail(sequence: string | null, reason: string): void {
    for (const row of this.rows) {
      if (row.sequence === sequence) {
        row.outcome = 'failed';
        row.reason = reason;
        this.behind.add(row.sequence);
      }
    }
  }
}

/** One page as a workflow of its own: it keeps the page's rows, and answers for them when it is done. */
export async function synchronizePage(task: PageTask): Promise<PageReport> {
  const page = new Page(task);
  const isMeasured = longestSample(task.policy) !== null;
  let mayProceed = false;
  const proceed = () => {
    mayProceed = true;
  };
  takeFloods((name) => {
    if (name === proceedSignal.name) proceed();
  });
  setHandler(proceedSignal, proceed);
  setHandler(sequencesQuery, (...args) => answerSequences(page.rows.map(toRow), [], args));
  setHandler(statementsQuery, () => statementsOf(page.rows));
  setHandler(recordedQuery, () => answerRecorded(page.recorded()));
  return typedEnding(async () => {
    if (isMeasured) {
      await page.sample();
      // All pages measure at the same time; their run lets only a few at once work on the servers.
      await condition(() => mayProceed);
    }
    await page.untilCancelled(async () => {
      await page.synchronize();
      await page.verify();
      await page.record();
    });
    page.noteEarlier();
    const report = page.report();
    const { measured } = report;
    return {
      ...report,
      measured: measured && largestBuffers([measured], MEASURED_TOLD),
      outcomes: packOutcomes(page.rows),
    };
  }, `page ${workflowInfo().workflowId}`);
}

/** What a recheck compares its own readings with. */
export function answerRecorded(
  rows: readonly RecordedRow[],
  pages: PageAddress[] = [],
  lost = false,
): RecordedAnswer {
  return { known: packTable(rows.map(toKnown)), pages, lost };
}

/** The row as the contract shows it, without what only the steps need. */
export function toRow(planned: SequenceRow): SequenceRow {
  const { sequence, primaryNext, standbyBefore, target, standbyNext, buffer, outcome, reason } = planned;
  return { sequence, primaryNext, standbyBefore, target, standbyNext, buffer, outcome, reason };
}

/** The same setvals as statements for psql, each guarded so that it is right even if run hours later. */
export function statementsOf(rows: readonly PlannedSequence[]): string[] {
  return rows
    .filter(({ outcome }) => outcome === 'applied')
    .map((row) => {
      const { sequence, setting } = toSetting(row);
      const { called } = setting;
      const [increment, target] = [BigInt(setting.increment), BigInt(setting.target)];
      const value = lastValueBefore(target, increment, called);
      return guardedSetval({ sequence, increment, target, value, called });
    });
}

export function countRows(rows: readonly SequenceRow[]): Counts {
  const counts: Counts = { total: rows.length, applied: 0, kept: 0, skipped: 0, failed: 0 };
  for (const { outcome } of rows) counts[outcome] += 1;
  return counts;
}

export function toSetting(row: PlannedSequence): NamedSetting {
  const { sequence, oid, increment, target, called } = row;
  if (oid === undefined || increment === undefined || target === null || called === undefined)
    throw new Error(`${sequence} is to be applied, but its target is incomplete`);
  return { sequence, setting: { oid, increment, target, called } };
}

export type Verifiable = PlannedSequence &
  Required<Pick<PlannedSequence, 'oid' | 'primaryOid' | 'increment'>> & { buffer: string };

function isVerifiable(row: PlannedSequence): row is Verifiable {
  return (
    (row.outcome === 'applied' || row.outcome === 'kept') &&
    row.oid !== undefined &&
    row.primaryOid !== undefined &&
    row.increment !== undefined &&
    row.buffer !== null
  );
}

/**
 * Notes on the rows what a verification read, and that those have failed that are not ahead. In the mode `verify` their outcome
 * stays what would be done about it, and what is behind the rows of its columns is not ahead either; where the mode writes, setval has
 * moved it past them by now.
 */
export function noteVerified(
  expected: readonly Verifiable[],
  { standbyNext, behind }: Pick<VerifyReport, 'standbyNext' | 'behind'>,
  mode: Mode,
): Finding[] {
  expected.forEach((row, position) => {
    row.standbyNext = standbyNext[position] ?? null;
  });
  const findings = behind.map(([position, headroom]) => {
    const row = itemAt(expected, position);
    const finding = notAhead(row.sequence, headroom === null ? null : BigInt(headroom), BigInt(row.buffer));
    if (mode !== 'verify') {
      row.outcome = 'failed';
      row.reason = finding.message;
    }
    return finding;
  });
  if (mode !== 'verify') return findings;
  const known = new Set(behind.map(([position]) => position));
  const behindData = expected.filter((row, position) => row.behindData === true && !known.has(position));
  return [...findings, ...behindData.map(({ sequence }) => behindItsRows(sequence))];
}

function toExpectation({ oid, primaryOid, increment, buffer }: Verifiable): Expectation {
  return { oid, primaryOid, increment, buffer };
}
