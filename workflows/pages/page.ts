import { CancellationScope, sleep } from '@temporalio/workflow';
import { longestSample } from '../../src/contract/buffer-policy.js';
import { onlyPlans, setsSequences } from '../../src/contract/modes.js';
import { foldFindings } from '../../src/findings/fold-findings.js';
import type { Finding, Headroom } from '../../src/contract/status.js';
import type { FetchInput, TargetReport, VerifyReport } from '../../src/steps/page-steps.js';
import type { IdentifiedRow, RecordedRow } from '../../src/steps/rows.js';
import { toRecorded } from '../../src/planning/rows/changed-rows.js';
import { markSetEarlier } from '../../src/planning/rows/merge-rounds.js';
import { unpackOutcomes } from '../../src/planning/rows/outcomes.js';
import { type PlanAndRow, plansLeft, toPlanAndRow } from '../../src/planning/rows/plan-and-row.js';
import { countRows } from '../../src/contract/counts.js';
import { toRow } from '../../src/steps/sequence-row.js';
import { isToSet, statementsOf, toSetting } from '../../src/planning/rows/settings.js';
import { rowStateDigest, rowStateOf } from '../../src/planning/rows/row-state.js';
import {
  isProvable,
  isVerifiable,
  noteVerified,
  type Provable,
  toExpectation,
} from '../../src/planning/rows/verified-rows.js';
import { sumOfDigests } from '../../src/steps/digest.js';
import type { MeasuredBuffers } from '../../src/sequences/measured-buffer.js';
import { packTable, unpackTable } from '../../src/steps/table.js';
import { impliedRow, upgradeTable } from '../../src/steps/implied.js';
import type { WatchedSequence } from '../../src/sequences/watch-list.js';
import { afterCancellation, reading } from '../activities.js';
import { applySettings } from './apply-settings.js';
import { computeByEvidence, verifyByEvidence, type VerifySteps } from './by-evidence.js';
import { itemAt } from '../item-at.js';
import type { PageReport, PageTask } from './page-task.js';
import { recordInLedger } from '../record-in-ledger.js';

/** One page of sequences. The steps are called in the order in which they stand here. */
export class Page {
  private sequences: PlanAndRow[] = [];
  private findings: Finding[] = [];
  private since: FetchInput['since'] = null;
  private fetchedAt: string | null = null;
  private minimumHeadroom: Headroom | null = null;
  private watched: WatchedSequence[] = [];
  private verifiedAt: string | null = null;
  private primaryReadAt: string | null = null;
  private ledgerUnavailable: string | null = null;
  /** The digest of the record; undefined until it is written, and if it could not be written. */
  digest: string | undefined;
  private readings: string[] = [];
  /** Sequences with a target that are not ahead. */
  private readonly behind = new Set<string>();
  /** For blocked and skipped sequences: the digest of the reason in the plan. */
  private readonly unmoved = new Map<string, string>();
  /** Whether sequences may have been set. */
  private isSetting = false;
  /** Whether the page was cancelled, and its rows show what had been set by then. */
  isInterrupted = false;

  constructor(private readonly task: PageTask) {}

  get rows(): IdentifiedRow[] {
    return this.sequences.map(({ row }) => row);
  }

  /** The setvals that this page plans or has made, without those that failed. */
  statements(): string[] {
    return statementsOf(plansLeft(this.sequences, isToSet).map(({ plan }) => plan));
  }

  /** If the policy measures: reads the primary a first time, and waits so that its sequences move on. */
  async sample(): Promise<void> {
    const { identity, policy, range, primary } = this.task;
    const sample = longestSample(policy);
    if (sample === null || primary === 'lost') return;
    const first = await reading.samplePrimary.executeWithOptions(
      { summary: 'read where the primary stands' },
      [{ identity, range }],
    );
    this.since = { ...first, leastMs: sample.ms };
    await sleep(sample.ms, { summary: `measure the primary's consumption for ${sample.text}` });
  }

  /** Fetches, computes the targets, and sets them if the mode does so. */
  private async synchronize(): Promise<void> {
    const { identity, mode, range } = this.task;
    const page = await (this.task.primary === 'lost' ? computeByEvidence(this.task) : this.compute());
    this.sequences = unpackTable(upgradeTable(page.rows, 'plan')).map(toPlanAndRow);
    for (const { plan } of this.sequences) {
      const state = rowStateOf(plan, false);
      if (state !== 'ahead') this.unmoved.set(plan.sequence, rowStateDigest(plan.sequence, state));
    }
    this.findings.push(...page.findings);
    this.readings = page.notCompared === undefined ? [] : [page.notCompared];
    if (setsSequences(mode)) {
      const settings = plansLeft(this.sequences, isToSet).map(({ plan }) => toSetting(plan));
      this.isSetting = settings.length > 0;
      const failures = await applySettings({ identity, range }, settings, this.task.individually);
      this.findings.push(...failures);
      for (const { sequence, message } of failures) this.fail(sequence, message);
    }
  }

  private async compute(): Promise<TargetReport> {
    const { identity, mode, policy, primaryMaxConnections, range } = this.task;
    const primary = await reading.fetchPrimarySequences.executeWithOptions(
      { summary: "fetch the primary's sequences" },
      [{ identity, range, since: this.since, ...(onlyPlans(mode) ? { recorded: true } : {}) }],
    );
    this.since = null;
    this.fetchedAt = primary.readAt;
    this.primaryReadAt = primary.readAt;
    return reading.computeTargets.executeWithOptions({ summary: 'compute targets' }, [
      { identity, range, mode, policy, primaryMaxConnections, primary: primary.sequences },
    ]);
  }

  /** Reads both sides again and proves that the standby is ahead. */
  private async verify(steps: VerifySteps = reading): Promise<void> {
    if (onlyPlans(this.task.mode)) return;
    if (this.task.primary === 'lost') return this.verifyByEvidence(steps);
    const expected = plansLeft(this.sequences, isVerifiable);
    if (expected.length === 0) {
      this.verifiedAt = new Date().toISOString();
      return;
    }
    const report = await steps.verifyStandby.executeWithOptions({ summary: 'verify the standby' }, [
      {
        identity: this.task.identity,
        range: this.task.range,
        expectations: packTable(expected.map(({ plan }) => toExpectation(plan))),
        ...(this.task.mode === 'failover' ? { tellReadings: true } : {}),
      },
    ]);
    if (report.readings !== undefined) this.readings.push(report.readings);
    this.noteVerified(expected, report);
    this.watched = report.mostDrained.map(({ position, primaryNext, headroom }) => {
      const { sequence, buffer } = itemAt(expected, position).plan;
      return { sequence, next: primaryNext, at: report.primaryReadAt, headroom, buffer, rate: null };
    });
    this.primaryReadAt = report.primaryReadAt;
  }

  private async verifyByEvidence(steps: VerifySteps): Promise<void> {
    const expected = plansLeft(this.sequences, isProvable);
    const plans = expected.map(({ plan }) => plan);
    if (expected.length === 0) this.verifiedAt = new Date().toISOString();
    else this.noteVerified(expected, await verifyByEvidence(steps, this.task, plans));
  }

  private noteVerified(
    expected: readonly PlanAndRow<Provable>[],
    report: Pick<VerifyReport, 'standbyNext' | 'behind' | 'least' | 'verifiedAt'>,
  ): void {
    this.findings.push(...noteVerified(expected, report, this.task.mode));
    for (const { row } of expected) if (row.outcome === 'failed') this.behind.add(row.sequence);
    this.minimumHeadroom = report.least && {
      sequence: itemAt(expected, report.least.position).plan.sequence,
      calls: report.least.headroom,
    };
    this.verifiedAt = report.verifiedAt;
  }

  /** Writes the ledger. If it cannot be written, that is only a warning, since the history has the same data. */
  private async record(steps: Pick<typeof reading, 'recordBuffer'> = reading): Promise<void> {
    const { identity, mode, run, round, previousDigests } = this.task;
    if (!setsSequences(mode) || this.task.ledger === false) return;
    const { unavailable, digest } = await recordInLedger(steps, 'record the buffer', {
      identity,
      run,
      round,
      primaryReadAt: this.fetchedAt,
      rows: packTable(this.rows.map(toRow), impliedRow),
      ...(previousDigests === undefined ? {} : { previousDigests }),
    });
    this.ledgerUnavailable = unavailable;
    this.digest = digest;
  }

  /**
   * Synchronizes, verifies and records. If this is cancelled after it began to set values, the page reads and records the values before it
   * ends. If that takes too long, only the history has the targets.
   *
   * @param enter is told when the verification and the record begin
   */
  async work(enter: (phase: 'verifying' | 'recording') => void = () => undefined): Promise<void> {
    try {
      await this.synchronize();
      enter('verifying');
      await this.verify();
      enter('recording');
      await this.record();
    } catch (error) {
      if (this.isSetting && CancellationScope.current().consideredCancelled)
        // The page ends by its cancellation, also if this cannot be recorded.
        await CancellationScope.nonCancellable(() => this.recordInterrupted().catch(() => undefined));
      throw error;
    }
  }

  private async recordInterrupted(): Promise<void> {
    const wanted = this.rows.filter(({ outcome }) => outcome === 'applied');
    await this.verify(afterCancellation);
    for (const row of wanted)
      if (row.outcome === 'failed') row.reason = 'behind its target when the run was cancelled';
    this.isInterrupted = true;
    await this.record(afterCancellation);
  }

  /** A sequence that an earlier round has set counts as applied, although this round kept it. */
  noteEarlier(): void {
    const { earlier } = this.task;
    if (earlier !== undefined) markSetEarlier(this.rows, unpackOutcomes(earlier));
  }

  /** The rows with the digests that a later recheck compares. */
  recorded(): RecordedRow[] {
    return this.rows.map((row) => {
      const recorded = toRecorded(row, this.behind.has(row.sequence) ? 'behind' : 'ahead');
      const unmoved = this.unmoved.get(row.sequence);
      return unmoved === undefined ? recorded : { ...recorded, standing: unmoved };
    });
  }

  private standings(): string {
    return sumOfDigests(
      this.rows.map(
        ({ sequence }) =>
          this.unmoved.get(sequence) ??
          rowStateDigest(sequence, this.behind.has(sequence) ? 'behind' : 'ahead'),
      ),
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
      ...(this.digest === undefined ? {} : { digest: this.digest }),
      ...(this.readings.length === 0 ? {} : { readings: this.readings }),
      standings: this.standings(),
    };
  }

  private measured(): MeasuredBuffers | null {
    if (longestSample(this.task.policy) === null) return null;
    const byOid = this.sequences.flatMap(({ plan: { oid, measured } }): [number, string][] =>
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
