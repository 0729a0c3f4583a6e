import { compareLows } from '../../sequences/range-bound.js';
import type { RangeLimit, Restriction, ValueRange } from '../../sequences/sequence.js';

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

/**
 * The limit of a column that takes the values of these ranges and no others; null for none, and if there is no range.
 *
 * @param ranges with a gap between them
 */
export function limitOfRanges(
  ranges: readonly ValueRange[],
  { of, ...more }: Pick<Restriction, 'of' | 'widen' | 'byHand'>,
): Restriction | RangeLimit | null {
  const [first, second] = ranges;
  if (first === undefined || isEverything(ranges)) return null;
  if (second === undefined) return { type: 'restriction', ...first, of, ...more };
  return { type: 'ranges', ranges: ranges.map((range) => ({ ...range, of })), isComplete: true, ...more };
}

function highest(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

function lowest(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
