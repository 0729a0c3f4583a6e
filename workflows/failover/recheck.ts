import { patched } from '@temporalio/workflow';
import type { Counts, Finding, Outcome, SequenceRow } from '../../src/contract/status.js';
import type {
  ChangedRow,
  LastReadings,
  PlannedSequence,
  RecheckReport,
  RecordedRow,
} from '../../src/steps/steps.js';
import { packTable, unpackTable } from '../../src/steps/table.js';
import { impliedRow } from '../../src/steps/implied.js';
import { mergeChange, rowOfChange, toRecorded } from '../../src/planning/changed-rows.js';
import { unpackOutcomes } from '../../src/planning/outcomes.js';
import { withMoved } from '../../src/planning/standing.js';
import { reading, watching } from '../activities.js';
import { applySettings } from '../pages/apply-settings.js';
import type { Block } from './gate-memory.js';
import { isLong } from './continuation.js';
import { isRunCancelled, passingTrouble } from '../ending.js';
import { Progress } from './progress.js';
import { recordInLedger } from '../record-in-ledger.js';
import { checkHandoff, ledgerFinding, noteVerified, synchronize } from './round.js';
import type { FindingSource } from './finding-sources.js';
import type { Run } from './run.js';
import { countSequences } from './telemetry.js';
import { countRows, toRow, toSetting } from '../pages/synchronize-page.js';

/** More sequences than this behind at once is a new round, not a top-up. */
const TOP_UP_AT_MOST = 500;
const ROWS_KEPT = 2_000;

/** The block that an approver may accept to go on without the primary. */
export const PRIMARY_UNREACHABLE: Block = { code: 'PRIMARY_UNREACHABLE', sequence: null, count: 1 };

/**
 * Looks at every sequence of both sides, tops up what fell below half of its buffer, and looks again. What
 * cannot be cured, or a side that cannot be reached, becomes a finding.
 */
export async function recheck(run: Run): Promise<void> {
  await lookAndCure(run);
  noteVerified(run);
}

async function lookAndCure(run: Run): Promise<void> {
  const { state } = run.gate;
  const checked = await unlessTroubled(run, async () => {
    await checkHandoff(run);
    return true;
  });
  if (checked === null) return;
  const progress = new Progress();
  let failures: Finding[] = [];
  for (;;) {
    const seen = await look(run);
    if (seen === null || seen.report.behind === 0) return;
    const { report, source } = seen;
    run.found(source, [...failures, ...report.notAhead]);
    // A decision wants a look of its own, and a history that has grown long is to end.
    if (run.gate.state !== state || (progress.hasTried && isLong())) return;
    if (progress.hasTried && isAccepted(run, report)) return;
    if (!progress.isWorthATry(report.behind)) return;
    const cured = await unlessTroubled(run, async () => {
      if (report.behind <= TOP_UP_AT_MOST || report.primaryReadAt === null) return cure(run, seen);
      await synchronize(run);
      return [];
    });
    if (cured === null) return;
    failures = cured;
  }
}

/** Whether an approver goes on in spite of all that is behind: then it is tried once, and not again and again. */
function isAccepted(run: Run, { notAhead }: RecheckReport): boolean {
  return run.gate.knowsWarnings && notAhead.every((finding) => run.gate.accepted(finding));
}

/**
 * What was set has reached its target; the next look proves it, if there is one.
 *
 * @returns what could not be set
 */
async function cure(run: Run, { report, source }: Look): Promise<Finding[]> {
  const failures = await topUp(run, report.topUps, report.primaryReadAt);
  const failed = new Set(failures.map(({ sequence }) => sequence));
  const left = report.notAhead.filter(({ sequence }) => sequence === null || failed.has(sequence));
  run.found(source, [...failures, ...left]);
  return failures;
}

/** What a look found behind, by what it compared with: it stands until a look of its kind finds it cured. */
type Shortfall = Extract<FindingSource, 'top-up' | 'own-rows'>;

interface Look {
  report: RecheckReport;
  source: Shortfall;
}

/** @returns null when a side could not be looked at; the finding says so */
async function look(run: Run): Promise<Look | null> {
  const accepted = run.gate.accepted(PRIMARY_UNREACHABLE);
  const seen = await unlessTroubled(run, () => lookAtBoth(run, accepted));
  // What the standby alone has shown may have been mended meanwhile.
  if (seen !== null || !(accepted || run.foundBy('standby').length > 0)) return seen;
  const [lost] = run.foundBy('watch');
  if (lost?.code !== 'PRIMARY_UNREACHABLE') return null;
  return unlessTroubled(run, () => lookAtStandby(run, lost));
}

async function lookAtBoth(run: Run, once: boolean): Promise<Look> {
  const { identity, policyAtGate: policy, input, readiness } = run;
  const { watched, readings: { parts } = { parts: [] } } = run.memory;
  const { mode } = input;
  const { primaryMaxConnections } = readiness;
  const report = await watching.recheckHeadroom.executeWithOptions(
    { summary: 'read the headroom of every sequence', ...(once ? { retry: { maximumAttempts: 1 } } : {}) },
    [
      {
        ...{ identity, mode, policy, primaryMaxConnections, watched, final: isFinal(run) },
        readings: parts.map(({ digest }) => digest),
        standings: run.memory.standings ?? null,
      },
    ],
  );
  run.found('pages', report.findings);
  run.found('watch', []);
  run.found('top-up', []);
  run.found('own-rows', []);
  run.found('standby', []);
  run.found('consumption', report.consumption);
  noteReplication(run, report);
  noteReadings(run, report.readings);
  run.memory.watched = report.watched;
  run.memory.minimumHeadroom = report.minimumHeadroom;
  run.memory.verifiedAt = report.verifiedAt;
  run.memory.primaryReadAt = report.primaryReadAt;
  await noteChanges(run, report);
  return { report, source: 'top-up' };
}

/** Whether the handoff follows at once where nothing is found. */
function isFinal({ gate }: Run): boolean {
  return gate.state === 'approved';
}

/** What was not confirmed after an approval is not proved by a recheck: a round of its own clears it. */
function noteReplication(run: Run, { replication, subscriptions }: RecheckReport): void {
  if (replication === undefined) return;
  const late = run.foundBy('replication').filter(({ code }) => code === 'NOT_CAUGHT_UP');
  run.found('replication', [...replication, ...late]);
  run.sawSubscriptions(subscriptions);
}

/** Beyond this nothing is kept, in characters: what is not known blocks when the primary is lost. 100,000 sequences whose values have 6 digits take about half of it. */
const READINGS_AT_MOST = 1_100_000;

function noteReadings(run: Run, told: LastReadings | undefined): void {
  if (told === undefined) return;
  const known = run.memory.readings?.parts ?? [];
  const parts = told.parts.map(({ digest, data }, index) => ({
    digest,
    data: data ?? known[index]?.data ?? null,
  }));
  const size = parts.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  run.memory.readings = { parts: size <= READINGS_AT_MOST ? parts : [] };
}

/** What the last look at both sides found still stands; the primary's last reading and the standby's own rows decide the rest. */
async function lookAtStandby(run: Run, lost: Finding): Promise<Look> {
  const { identity, policyAtGate: policy } = run;
  const report = await watching.recheckStandby.executeWithOptions(
    { summary: "check every sequence against the primary's last reading and the standby's rows" },
    [
      {
        ...{ identity, policy, final: isFinal(run) },
        readings: run.memory.readings?.parts.flatMap(({ data }) => data ?? []) ?? [],
        compareRows: true,
      },
    ],
  );
  // Earlier versions forgot them at the next recheck that found the primary lost.
  const stays = report.findings.length > 0 && patched('standby-findings-stay');
  run.found('watch', stays ? [lost] : [lost, ...report.findings]);
  run.found('standby', stays ? report.findings : []);
  run.found('own-rows', []);
  if (report.byLastReading === true) run.found('top-up', []);
  run.memory.verifiedAt = report.verifiedAt;
  await noteChanges(run, report);
  return { report, source: 'own-rows' };
}

/**
 * At the gate a side that cannot be reached, or any other trouble that may pass, is a finding and not the end of the run.
 *
 * @returns null when the work could not be done
 */
export async function unlessTroubled<T>(run: Run, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const trouble = passingTrouble(error);
    if (trouble === null || isRunCancelled(error)) throw error;
    run.found('watch', [toFinding(trouble.type ?? '', trouble.message)]);
    return null;
  }
}

/** @returns what could not be set */
async function topUp(
  run: Run,
  planned: readonly PlannedSequence[],
  primaryReadAt: string | null,
): Promise<Finding[]> {
  run.memory.round += 1;
  const failures = await applySettings(
    { identity: run.identity, range: null },
    planned.map(toSetting),
    planned.length <= 100,
    ', top-up',
  );
  const failed = new Map(failures.map(({ sequence, message }) => [sequence, message]));
  const rows = planned.map((row): RecordedRow => {
    const reason = failed.get(row.sequence);
    if (reason !== undefined) return toRecorded({ ...row, outcome: 'failed', reason }, 'behind');
    return toRecorded(
      {
        ...row,
        outcome: 'applied',
        standbyNext: row.target,
        reason: row.reason ?? 'topped up while waiting',
      },
      'ahead',
    );
  });
  const outcomeOf = outcomesBefore(run);
  mergeRows(
    run,
    rows.map((row) => ({ ...row, was: outcomeOf(row) })),
  );
  const { standings } = run.memory;
  if (standings != null) run.memory.standings = withoutBehind(standings, rows);
  countSequences(run, countRows(rows));
  await recordRows(run, rows, primaryReadAt, `record the top-up of ${rows.length}`);
  return failures;
}

/** What the last look found, but for those that were behind and have been set. */
function withoutBehind(standings: string, rows: readonly RecordedRow[]): string {
  return rows
    .filter(({ outcome }) => outcome === 'applied')
    .reduce((sum, { sequence }) => withMoved(sum, sequence, 'behind', 'ahead'), standings);
}

/** Sequences that were created, dropped or renamed since they were recorded, or whose outcome is another now: a round of its own. */
async function noteChanges(run: Run, { standings, changes, primaryReadAt }: RecheckReport): Promise<void> {
  run.memory.standings = changes !== undefined && changes.more > 0 ? null : (standings ?? null);
  if (changes === undefined) return;
  delete run.memory.earlierPages;
  run.found('record', unknownChanges(changes.unknown));
  const changed = unpackTable(changes.rows);
  if (changed.length === 0) return;
  run.memory.round += 1;
  mergeRows(run, changed);
  await recordRows(run, changed, primaryReadAt, `record ${changed.length} that changed while waiting`);
}

async function recordRows(
  run: Run,
  rows: readonly SequenceRow[],
  primaryReadAt: string | null,
  summary: string,
): Promise<void> {
  const unavailable = await recordInLedger(reading, summary, {
    identity: run.identity,
    run: run.origin,
    round: run.memory.round,
    primaryReadAt,
    rows: packTable(rows.map(toRow), impliedRow),
  });
  run.found('ledger', ledgerFinding(unavailable));
}

function mergeRows({ memory }: Run, changed: readonly ChangedRow[]): void {
  const before = new Map(memory.rows.map((row) => [row.sequence, row]));
  const after = new Map(
    changed.map((one) => [one.sequence, mergeChange(before.get(one.sequence), rowOfChange(one))]),
  );
  const kept = memory.rows.map((row) => after.get(row.sequence) ?? row);
  const added = [...after.values()].filter(({ sequence }) => !before.has(sequence));
  memory.rows = [...kept, ...added].slice(-ROWS_KEPT);
  if (memory.pages.length === 0) memory.counts = countRows(memory.rows);
  else for (const { was, outcome } of changed) memory.counts = moved(memory.counts, was, outcome);
}

/** @param was null for a sequence that had no row before */
function moved(counts: Counts, was: Outcome | null, now: Outcome): Counts {
  const after = { ...counts };
  if (was === null) after.total += 1;
  else after[was] -= 1;
  after[now] += 1;
  return after;
}

/** What the run has recorded of a sequence, here or in its pages; null for one that it does not know. */
function outcomesBefore({ memory }: Run): (row: RecordedRow) => Outcome | null {
  const here = new Map(memory.rows.map(({ sequence, outcome }) => [sequence, outcome]));
  const inPages = unpackOutcomes((memory.outcomes ?? []).map(({ packed }) => packed));
  return ({ sequence, oid, outcome }) => {
    // Pages of an older worker did not tell: the counts stay what they are.
    const unknown = memory.pages.length > 0 && inPages.size === 0 ? outcome : null;
    return here.get(sequence) ?? (oid === undefined ? undefined : inPages.get(oid)) ?? unknown;
  };
}

function unknownChanges(why: string | null): Finding[] {
  if (why === null) return [];
  return [
    {
      severity: 'warn',
      code: 'CHANGES_UNKNOWN',
      sequence: null,
      count: 1,
      message: `sequences were created, dropped or renamed while the run waited, and not all of them could be compared with what was recorded before: ${why}`,
      remedy:
        'signal resynchronize to record every sequence anew; what was recorded before is in sequence_failover.sequences of the ledger',
    },
  ];
}

function toFinding(type: string, why: string): Finding {
  const block = { severity: 'block', sequence: null, count: 1 } as const;
  switch (type) {
    case 'PrimaryUnreachable':
      return {
        ...block,
        code: 'PRIMARY_UNREACHABLE',
        message: why,
        remedy:
          'bring it back and wait for the next look, or, when it is lost, approve with {"accept": ["PRIMARY_UNREACHABLE"]}: its last read then decides',
      };
    case 'StandbyUnreachable':
      return {
        ...block,
        code: 'STANDBY_UNREACHABLE',
        message: why,
        remedy: 'bring the standby back and wait for the next look',
      };
    default:
      return {
        ...block,
        code: 'LOOK_FAILED',
        message: `nothing is known of the sequences as they are now: ${why}`,
        remedy: 'mend the cause and wait for the next look',
      };
  }
}
