import type { Counts, SequenceRow } from '../contract/status.js';

/** The number of rows with each outcome. */
export function countRows(rows: readonly Pick<SequenceRow, 'outcome'>[]): Counts {
  const counts: Counts = { total: rows.length, applied: 0, kept: 0, skipped: 0, failed: 0 };
  for (const { outcome } of rows) counts[outcome] += 1;
  return counts;
}
