import { patched } from '@temporalio/workflow';
import type { Finding } from '../../src/contract/status.js';
import { withoutKnownLedger } from '../../src/planning/sequence/evidence-findings.js';
import type { RecheckReport } from '../../src/steps/recheck-steps.js';
import { watching } from '../activities.js';
import { OF_CHANGED_TABLES, OF_MISSING_ROWS } from '../../src/findings/missing-rows.js';
import type { FindingSource } from '../../src/findings/finding-sources.js';
import { leadsToPromotion } from './promotion-blocks.js';
import type { Run } from './run.js';
import { recordChanges } from './top-up.js';
import { PRIMARY_UNREACHABLE, orFinding } from './trouble.js';

/** The result of a recheck, and the source of its findings about sequences that are behind. They stay until a recheck of the same kind replaces them. */
export interface Recheck {
  report: RecheckReport;
  behind: Extract<FindingSource, 'top-up' | 'own-rows'>;
}

/**
 * Reads every sequence of both sides; or of the standby alone, if the run was started with `primary: lost`, or if the primary cannot be
 * reached and an approver accepted that.
 *
 * @returns null if a side could not be read; then there is a finding
 */
export async function recheckSides(run: Run, confirmed: boolean): Promise<Recheck | null> {
  if (run.isPrimaryLost) return orFinding(run, async () => recheckStandby(run, await findPrimary(run)));
  const accepted = run.gate.accepted(PRIMARY_UNREACHABLE);
  const both = await orFinding(run, () => recheckBoth(run, { once: accepted, confirmed }));
  // Findings of an earlier recheck of the standby alone may be outdated, so it is read again.
  if (both !== null || !(accepted || run.findingsOf('standby').length > 0)) return both;
  const [lost] = run.findingsOf('watch');
  if (lost?.code !== 'PRIMARY_UNREACHABLE') return null;
  return orFinding(run, () => recheckStandby(run, [lost]));
}

/** The finding PRIMARY_BACK, if the primary of a run with `primary: lost` answers again. */
function findPrimary({ identity }: Run): Promise<Finding[]> {
  return watching.findPrimary.executeWithOptions({ summary: 'check that the primary is still unreachable' }, [
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
  const { primaryMaxConnections, tables } = readiness;
  const report = await watching.recheckHeadroom.executeWithOptions(
    { summary: 'read the headroom of every sequence', ...(once ? { retry: { maximumAttempts: 1 } } : {}) },
    [
      {
        ...{ identity, mode, policy, primaryMaxConnections, final: looksForChanges(run) },
        watched: [...watched],
        readings: readings?.parts.map(({ digest }) => digest) ?? [],
        standings: standings ?? null,
        ...(confirmed ? { confirmed } : {}),
        ...leadsToPromotion(run),
        ...(tables !== undefined && comparesTables(run) ? { tables } : {}),
      },
    ],
  );
  run.clearFindings();
  run.setFindings('pages', report.findings);
  run.setFindings('consumption', report.consumption);
  noteReplication(run, report);
  run.readByRecheck(report);
  await recordChanges(run, report);
  return { report, behind: 'top-up' };
}

/** Compares the standby with the primary's last reading and with its own rows. The findings of the last recheck of both sides stay. */
async function recheckStandby(run: Run, lost: Finding[]): Promise<Recheck> {
  const { identity, policyAtGate: policy } = run;
  const report = await watching.recheckStandby.executeWithOptions(
    { summary: "check every sequence against the primary's last reading and the standby's rows" },
    [
      {
        ...{ identity, policy, final: looksForChanges(run) },
        readings: run.memory.readings?.parts.flatMap(({ data }) => data ?? []) ?? [],
        compareRows: true,
      },
    ],
  );
  // In earlier versions these findings were dropped at the next recheck without the primary.
  const stays = report.findings.length > 0 && patched('standby-findings-stay');
  const known = [...run.findingsOf('readiness'), ...run.findingsOf('pages')];
  const findings = withoutKnownLedger(known, report.findings);
  run.setFindings('watch', stays ? lost : [...lost, ...findings]);
  run.setFindings('standby', stays ? findings : []);
  run.setFindings('own-rows', []);
  if (run.isPrimaryLost) run.setFindings('pages', withoutRechecked(run.findingsOf('pages')));
  if (report.byLastReading === true) run.setFindings('top-up', []);
  run.readByStandbyRecheck(report);
  await recordChanges(run, report);
  return { report, behind: 'own-rows' };
}

/**
 * The findings of a round by evidence, without the codes that each recheck of the standby judges again. A person may have decided about
 * rows meanwhile, for example.
 */
function withoutRechecked(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ code }) => !RECHECKED_CODES.has(code));
}

const RECHECKED_CODES: ReadonlySet<string> = new Set<Finding['code']>([
  ...(['OUTLIER_DATA', 'EXHAUSTED', 'NOT_AHEAD', 'SETVAL_FAILED', 'DATA_NOT_CHECKED'] as const),
]);

/**
 * Tables are compared before the handoff. They are compared again as long as rows are missing: otherwise a block would vanish by itself, and a warning
 * would stay although its remedy was applied.
 */
function comparesTables(run: Run): boolean {
  const isMissing = ({ code }: Finding) => OF_MISSING_ROWS.has(code);
  const stands = run.findingsOf('replication').some(({ code }) => OF_CHANGED_TABLES.has(code));
  const isWarned = run.findingsOf('readiness').some(isMissing) && patched('missing-rows-rechecked');
  return (isFinal(run) || stands || isWarned) && patched('tables-before-handoff');
}

const withoutThoseOfTables = (findings: readonly Finding[]) =>
  findings.filter(({ code }) => !OF_CHANGED_TABLES.has(code));

/** Whether the handoff follows at once if there are no new findings. */
function isFinal({ gate }: Run): boolean {
  return gate.state === 'approved';
}

/**
 * Whether to notice that somebody changes sequences of the standby meanwhile: before the handoff, and as long as a sequence is said to be
 * changing. Otherwise such a block would vanish by itself, and come back after the next approval.
 */
function looksForChanges(run: Run): boolean {
  const found = [...run.findingsOf('pages'), ...run.findingsOf('standby')];
  return isFinal(run) || found.some(({ code }) => CHANGING.has(code));
}

const CHANGING: ReadonlySet<string> = new Set<Finding['code']>(['READ_FAILED', 'SEQUENCES_REFRESHING']);

/** Records the findings about replication. NOT_CAUGHT_UP stays: a recheck does not prove that the standby has confirmed, only a new round does. */
function noteReplication(run: Run, { replication, subscriptions, tables }: RecheckReport): void {
  if (replication === undefined) return;
  // The tables were read anew, so that what the round said of them is out of date.
  if (tables !== undefined && patched('missing-rows-rechecked'))
    run.setFindings('readiness', withoutThoseOfTables(run.findingsOf('readiness')));
  const late = run.findingsOf('replication').filter(({ code }) => code === 'NOT_CAUGHT_UP');
  run.setFindings('replication', [...replication, ...(tables ?? []), ...late]);
  run.sawSubscriptions(subscriptions);
}
