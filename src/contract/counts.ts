import { setsSequences } from './modes.js';
import type { Counts, Outcome, SequenceRow, Status } from './status.js';

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

/** For example "5 set, 2 ahead already, 0 skipped, 1 failed". @param mode null if it is not known */
export function outcomesText({ applied, kept, skipped, failed }: Counts, mode: Status['mode']): string {
  const set = mode !== null && setsSequences(mode) ? 'set' : 'to be set';
  return `${applied} ${set}, ${kept} ahead already, ${skipped} skipped, ${failed} failed`;
}
