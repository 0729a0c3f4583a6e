import type { Counts, Outcome, SequenceRow } from './status.js';

/** All outcomes. Packed outcomes in histories depend on their order. */
export const OUTCOMES = ['applied', 'kept', 'skipped', 'failed'] as const satisfies readonly Outcome[];

export const NO_SEQUENCES: Readonly<Counts> = { total: 0, applied: 0, kept: 0, skipped: 0, failed: 0 };

/** The number of rows with each outcome. */
export function countRows(rows: readonly Pick<SequenceRow, 'outcome'>[]): Counts {
  const counts: Counts = { ...NO_SEQUENCES, total: rows.length };
  for (const { outcome } of rows) counts[outcome] += 1;
  return counts;
}

export function sumOfCounts(all: readonly Counts[]): Counts {
  const sum: Counts = { ...NO_SEQUENCES };
  for (const counts of all) {
    for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += counts[key];
  }
  return sum;
}
