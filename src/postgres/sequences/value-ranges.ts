import { compareLows } from '../../sequences/range-bound.js';
import type { ValueRange } from '../../sequences/sequence.js';

/** The values that both allow. */
export function intersection(some: readonly ValueRange[], others: readonly ValueRange[]): ValueRange[] {
  return some.flatMap((one) =>
    others
      .map((other) => ({ low: highest(one.low, other.low), high: lowest(one.high, other.high) }))
      .filter(({ low, high }) => low === null || high === null || low <= high),
  );
}

/** The values that one of the ranges has, as ranges in ascending order with a gap between them. */
export function union(ranges: readonly ValueRange[]): ValueRange[] {
  const merged: ValueRange[] = [];
  for (const { low, high } of [...ranges].sort((a, b) => compareLows(a.low, b.low))) {
    const last = merged.at(-1);
    if (last === undefined || (last.high !== null && low !== null && low > last.high + 1n))
      merged.push({ low, high });
    else if (last.high !== null && (high === null || high > last.high)) last.high = high;
  }
  return merged;
}

/** All integers. */
export const everything: readonly ValueRange[] = [{ low: null, high: null }];

export function isEverything([first]: readonly ValueRange[]): boolean {
  return first !== undefined && first.low === null && first.high === null;
}

function highest(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

function lowest(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
