import type { Counts, SequenceRow } from '../contract/status.js';
import { evidenceFields } from '../steps/evidence-fields.js';

/** The fields of the contract, without those that only the steps need. */
export function toRow(planned: SequenceRow): SequenceRow {
  const { sequence, primaryNext, standbyBefore, target, standbyNext, buffer, outcome, reason } = planned;
  const shown = { sequence, primaryNext, standbyBefore, target, standbyNext, buffer, outcome, reason };
  return { ...shown, ...evidenceFields(planned) };
}

/** The number of rows with each outcome. */
export function countRows(rows: readonly Pick<SequenceRow, 'outcome'>[]): Counts {
  const counts: Counts = { total: rows.length, applied: 0, kept: 0, skipped: 0, failed: 0 };
  for (const { outcome } of rows) counts[outcome] += 1;
  return counts;
}
