import type { Counts, Finding, Headroom } from '../../src/contract/status.js';
import type { ReadinessReport } from '../../src/steps/steps.js';
import { sumOfDigests } from '../../src/steps/digest.js';
import { largestBuffers } from '../../src/sequences/measured-buffer.js';
import { watchList } from '../../src/sequences/watch-list.js';
import { readiness, watching } from '../activities.js';
import { whenAllAreOver } from '../all-settled.js';
import { runPages } from './run-pages.js';
import type { Run } from './run.js';
import { summary } from '../summary.js';
import { countRows, type PageReport } from '../pages/synchronize-page.js';
import { countSequences } from './telemetry.js';

/** Measured buffers that a run carries with it, see docs/decisions; the others are known by the largest of them. */
const MEASURED_KEPT = 2_000;

/** Looks at both servers, and for what stands in the way. */
function checkReadiness(run: Run): Promise<ReadinessReport> {
  const { pair, mode, include, exclude, overrides, buffer } = run.input;
  return readiness.checkReadiness.executeWithOptions({ summary: summary(`check that ${pair} is ready`) }, [
    {
      pair,
      mode,
      policy: { include, exclude, overrides, buffer },
      expected: run.memory.readiness?.identity ?? null,
    },
  ]);
}

/** Looks whether anybody would take the handoff. */
export async function checkHandoff(run: Run): Promise<void> {
  const { handoff } = run.memory;
  if (handoff === null) return;
  const { taskQueue, workflowId } = handoff;
  const findings = await watching.checkHandoff.executeWithOptions(
    { summary: summary(`look for a worker on the task queue ${taskQueue}`) },
    [{ taskQueue, workflowId }],
  );
  run.found('handoff', findings);
}

/**
 * One round: every page of the pair, from the primary's values to the recorded proof.
 *
 * @param conditions what has to be so before anything is set, besides the pair's readiness; their failures come first
 */
export async function synchronize(run: Run, conditions: readonly Promise<void>[] = []): Promise<string[]> {
  run.enter('checking');
  const checks = [checkReadiness(run), checkHandoff(run)] as const;
  await whenAllAreOver<unknown>([...conditions, ...checks]);
  const report = await checks[0];
  // Not before: a run that may not go on leaves nothing in the ledger.
  run.ready(report);
  run.memory.round += 1;
  const { reports, statements } = await runPages(run, report.pages);
  const counts = sum(reports.map((report) => report.counts));
  countSequences(run, counts);
  // A sequence that an earlier round has set, or that is no more, counts too.
  const recorded = countRows(run.memory.rows);
  run.memory.counts = run.memory.pages.length === 0 ? recorded : sum([counts, recorded]);
  noteStandings(run, reports);
  run.found(
    'pages',
    reports.flatMap(({ findings }) => findings),
  );
  run.found('watch', []);
  run.found('top-up', []);
  run.found('own-rows', []);
  run.found('standby', []);
  run.found('consumption', []);
  run.found(
    'ledger',
    reports.flatMap(({ ledgerUnavailable }) => ledgerFinding(ledgerUnavailable)).slice(0, 1),
  );
  run.memory.minimumHeadroom = least(reports.map(({ minimumHeadroom }) => minimumHeadroom));
  run.memory.watched = watchList(reports.flatMap(({ watched }) => watched));
  const measured = reports.flatMap((report) => report.measured ?? []);
  run.memory.measured = measured.length === 0 ? null : largestBuffers(measured, MEASURED_KEPT);
  run.memory.readings = {
    parts: reports.flatMap(({ readings = [] }) => readings.map((data) => ({ digest: null, data }))),
  };
  run.memory.primaryReadAt = earliest(reports.map(({ primaryReadAt }) => primaryReadAt));
  run.memory.verifiedAt =
    run.input.mode === 'plan' ? null : earliest(reports.map(({ verifiedAt }) => verifiedAt));
  // What the round before came to stands until here: one that ends halfway changes nothing of it.
  run.uncheck('verify', 'record');
  run.check('synchronize');
  noteVerified(run);
  if (reports.every(({ ledgerUnavailable }) => ledgerUnavailable === null)) run.check('record');
  return statements;
}

/** The verification is done as long as nothing stands that is not ahead, whoever found or cured it. */
export function noteVerified(run: Run): void {
  const isBehind = run.blocks().some(({ code }) => code === 'NOT_AHEAD');
  if (isBehind) run.uncheck('verify');
  else if (!run.isChecked('verify')) run.check('verify');
}

export function ledgerFinding(reason: string | null): Finding[] {
  if (reason === null) return [];
  return [
    {
      severity: 'warn',
      code: 'LEDGER_UNAVAILABLE',
      sequence: null,
      count: 1,
      message: `the ledger could not be written: ${reason}`,
      remedy:
        'the workflow history holds the whole record; grant what is missing, set LEDGER_URL, or set LEDGER=off on the worker',
    },
  ];
}

/**
 * What the next recheck compares with. Where pages of an earlier round have recorded other sequences than those of this
 * one, or an older worker does not tell, the next recheck compares row by row.
 */
function noteStandings({ memory }: Run, reports: readonly PageReport[]): void {
  const standings = reports.flatMap((report) => report.standings ?? []);
  const sum = standings.length < reports.length ? null : sumOfDigests(standings);
  if (sum === memory.standings) delete memory.earlierPages;
  memory.standings = memory.earlierPages === undefined ? sum : null;
}

function sum(all: readonly Counts[]): Counts {
  const total: Counts = { total: 0, applied: 0, kept: 0, skipped: 0, failed: 0 };
  for (const counts of all) {
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += counts[key];
  }
  return total;
}

function least(all: readonly (Headroom | null)[]): Headroom | null {
  return all.reduce(
    (a, b) => (a === null || (b !== null && BigInt(b.calls) < BigInt(a.calls)) ? b : a),
    null,
  );
}

/** The whole is only as fresh as its oldest part. */
function earliest(all: readonly (string | null)[]): string | null {
  const times = all.filter((time) => time !== null).sort();
  return times[0] ?? null;
}
