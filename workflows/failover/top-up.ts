import { pairFinding } from '../../src/findings/make-finding.js';
import type { Finding, SequenceRow } from '../../src/contract/status.js';
import type { RecheckReport } from '../../src/steps/recheck-steps.js';
import type { RecordedRow, SequenceToSet } from '../../src/steps/rows.js';
import { evidenceFields, toRow } from '../../src/steps/sequence-row.js';
import { INDIVIDUALLY_AT_MOST } from '../../src/steps/limits.js';
import { packTable, unpackTable } from '../../src/steps/table.js';
import { impliedRow } from '../../src/steps/implied.js';
import { toRecorded } from '../../src/planning/rows/changed-rows.js';
import { countRows } from '../../src/contract/counts.js';
import { toSetting } from '../../src/planning/rows/settings.js';
import { reading } from '../activities.js';
import { applySettings } from '../pages/apply-settings.js';
import { recordInLedger } from '../record-in-ledger.js';
import { ledgerFinding } from './ledger-finding.js';
import type { Run } from './run.js';
import { countSequences } from './telemetry.js';

/**
 * Sets single sequences that a recheck found behind, as a round of its own.
 *
 * @returns findings for the sequences that could not be set
 */
export async function topUp(
  run: Run,
  planned: readonly SequenceToSet[],
  primaryReadAt: string | null,
): Promise<Finding[]> {
  run.beginRound();
  const failures = await applySettings(
    { identity: run.identity, range: null },
    planned.map(toSetting),
    planned.length <= INDIVIDUALLY_AT_MOST,
    { label: ', top-up' },
  );
  const failed = new Map(failures.map(({ sequence, message }) => [sequence, message]));
  const before = new Map(run.recorded.rows.map((row) => [row.sequence, row]));
  const rows = planned.map((top): RecordedRow => {
    const row = { ...top, ...evidenceFields(before.get(top.sequence) ?? top) };
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
  run.recorded.topUp(rows);
  countSequences(run, countRows(rows));
  await recordRows(run, rows, primaryReadAt, `record the top-up of ${rows.length}`);
  return failures;
}

/** Records sequences that were created, dropped or renamed since the last record, or whose outcome has changed, as a round of its own. */
export async function recordChanges(
  run: Run,
  { standings, changes, primaryReadAt }: RecheckReport,
): Promise<void> {
  run.recorded.compared(changes !== undefined && changes.more > 0 ? null : (standings ?? null));
  if (changes === undefined) return;
  run.setFindings('record', unknownChanges(changes.unknown));
  const changed = unpackTable(changes.rows);
  run.recorded.change(changed);
  if (changed.length === 0) return;
  run.beginRound();
  await recordRows(run, changed, primaryReadAt, `record ${changed.length} that changed while waiting`);
}

async function recordRows(
  run: Run,
  rows: readonly SequenceRow[],
  primaryReadAt: string | null,
  summary: string,
): Promise<void> {
  const chained = run.recorded.chained;
  const { unavailable, digest } = await recordInLedger(reading, summary, {
    identity: run.identity,
    run: run.origin,
    round: run.memory.round,
    primaryReadAt,
    rows: packTable(rows.map(toRow), impliedRow),
    ...chained,
  });
  run.recorded.chain(digest, chained);
  run.setFindings('ledger', ledgerFinding(unavailable));
}

/** @param why not all changes are known; null if they are */
export function unknownChanges(why: string | null): Finding[] {
  if (why === null) return [];
  return [
    pairFinding(
      'CHANGES_UNKNOWN',
      `sequences were created, dropped or renamed while the run waited, and not all of them could be compared with what was recorded before: ${why}`,
      'signal resynchronize to record every sequence again; the earlier rows are in sequence_failover.sequences of the ledger',
    ),
  ];
}
