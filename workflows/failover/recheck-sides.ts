import { patched } from '@temporalio/workflow';
import type { Finding } from '../../src/contract/status.js';
import type { RecheckReport } from '../../src/steps/recheck-steps.js';
import { watching } from '../activities.js';
import type { FindingSource } from './finding-sources.js';
import type { Run } from './run.js';
import { recordChanges } from './top-up.js';
import { PRIMARY_UNREACHABLE, unlessTroubled } from './trouble.js';

/** What a recheck has read, and the source of what it found behind: that stands until a recheck of the same kind finds it cured. */
export interface Recheck {
  report: RecheckReport;
  behind: Extract<FindingSource, 'top-up' | 'own-rows'>;
}

/**
 * Reads every sequence of both sides, or of the standby alone, where the run was told that the primary is lost, or an approver accepted that.
 *
 * @returns null when a side could not be read; the finding says so
 */
export async function recheckSides(run: Run, confirmed: boolean): Promise<Recheck | null> {
  if (run.isPrimaryLost) return unlessTroubled(run, async () => recheckStandby(run, await findPrimary(run)));
  const accepted = run.gate.accepted(PRIMARY_UNREACHABLE);
  const both = await unlessTroubled(run, () => recheckBoth(run, { once: accepted, confirmed }));
  // What the standby alone has shown may have been mended meanwhile.
  if (both !== null || !(accepted || run.foundBy('standby').length > 0)) return both;
  const [lost] = run.foundBy('watch');
  if (lost?.code !== 'PRIMARY_UNREACHABLE') return null;
  return unlessTroubled(run, () => recheckStandby(run, [lost]));
}

/** A run that was told that the primary is lost says so when it is back. */
function findPrimary({ identity }: Run): Promise<Finding[]> {
  return watching.findPrimary.executeWithOptions({ summary: 'see that the primary is still away' }, [
    { identity },
  ]);
}

async function recheckBoth(
  run: Run,
  { once, confirmed }: { once: boolean; confirmed: boolean },
): Promise<Recheck> {
  const { identity, policyAtGate: policy, input, readiness } = run;
  const { watched, readings, standings } = run.memory;
  const { mode } = input;
  const { primaryMaxConnections } = readiness;
  const report = await watching.recheckHeadroom.executeWithOptions(
    { summary: 'read the headroom of every sequence', ...(once ? { retry: { maximumAttempts: 1 } } : {}) },
    [
      {
        ...{ identity, mode, policy, primaryMaxConnections, final: isFinal(run) },
        watched: [...watched],
        readings: readings?.parts.map(({ digest }) => digest) ?? [],
        standings: standings ?? null,
        ...(confirmed ? { confirmed } : {}),
      },
    ],
  );
  run.clearFindings();
  run.found('pages', report.findings);
  run.found('consumption', report.consumption);
  noteReplication(run, report);
  run.readByRecheck(report);
  await recordChanges(run, report);
  return { report, behind: 'top-up' };
}

/** What the last recheck of both sides found still stands; the primary's last reading and the standby's own rows decide the rest. */
async function recheckStandby(run: Run, lost: Finding[]): Promise<Recheck> {
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
  run.found('watch', stays ? lost : [...lost, ...report.findings]);
  run.found('standby', stays ? report.findings : []);
  run.found('own-rows', []);
  if (run.isPrimaryLost) run.found('pages', notJudgedAnew(run.foundBy('pages')));
  if (report.byLastReading === true) run.found('top-up', []);
  run.readByStandbyRecheck(report);
  await recordChanges(run, report);
  return { report, behind: 'own-rows' };
}

/**
 * What a round by evidence has found, without what a recheck of the standby says once more where it still stands, such as of rows about
 * which a person has decided meanwhile.
 */
function notJudgedAnew(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ code }) => !JUDGED_ANEW.has(code));
}

const JUDGED_ANEW: ReadonlySet<string> = new Set<Finding['code']>([
  ...(['OUTLIER_DATA', 'EXHAUSTED', 'NOT_AHEAD', 'SETVAL_FAILED', 'DATA_NOT_CHECKED'] as const),
]);

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
