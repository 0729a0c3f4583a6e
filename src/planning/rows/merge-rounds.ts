import type { Outcome } from '../../contract/status.js';
import type { RecordedRow } from '../../steps/rows.js';
import { goneRows, rowOfChange, toKnown } from './changed-rows.js';

const EARLIER = 'set in an earlier round, and ahead in the last';

/**
 * The rows of the whole run after a round. A sequence that an earlier round has set, and that this round kept, stays `applied` with the
 * values of that earlier round. A sequence that no longer exists keeps a row that says so.
 */
export function mergeRounds(earlier: readonly RecordedRow[], round: readonly RecordedRow[]): RecordedRow[] {
  const before = new Map(earlier.map((row) => [row.sequence, row]));
  const present = new Set(round.map(({ sequence }) => sequence));
  const merged = round.map((row) => {
    const set = before.get(row.sequence);
    const appeared = set?.appeared === true ? { appeared: true as const } : {};
    if (row.outcome !== 'kept' || set?.outcome !== 'applied') return { ...row, ...appeared };
    const { primaryNext, standbyBefore, target, buffer } = set;
    const values = { primaryNext, standbyBefore, target, buffer, outcome: set.outcome, reason: EARLIER };
    return { ...row, ...values, ...appeared };
  });
  const known = earlier.filter(({ gone }) => gone !== true).map(toKnown);
  const told = earlier.filter(({ gone, sequence }) => gone === true && !present.has(sequence));
  const gone = goneRows(known, round).map((change): RecordedRow => {
    const { outcome, reason } = change;
    return { ...rowOfChange(change), ...before.get(change.sequence), outcome, reason, gone: true };
  });
  return [...merged, ...told, ...gone];
}

/** Marks the rows of a page that an earlier round has set. A page knows only the outcomes of earlier rounds, by the oid on the standby. */
export function markSetEarlier(
  rows: readonly { oid?: number; outcome: Outcome; reason: string | null }[],
  earlier: ReadonlyMap<number, Outcome>,
): void {
  for (const row of rows) {
    if (row.outcome !== 'kept' || row.oid === undefined || earlier.get(row.oid) !== 'applied') continue;
    row.outcome = 'applied';
    row.reason = EARLIER;
  }
}
