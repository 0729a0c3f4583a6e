import type { RangeLimit, Restriction, ValueRange } from './sequence.js';

/** A range as the sequence moves through it; for a descending sequence, the values are negated. */
interface Stretch {
  start: bigint | null;
  end: bigint | null;
  of: string;
}

/**
 * The limit of a sequence whose next value is `next`: the end of the range that contains it, or of the last of the ranges that follow each
 * other without a gap. If several overlap, the first end counts. Null for no limit.
 */
export function rangeBound(limit: RangeLimit, next: bigint, ascending: boolean): Restriction | null {
  const at = ascending ? next : -next;
  const stretches = limit.ranges
    .map(({ low, high, of }): Stretch => {
      return ascending ? { start: low, end: high, of } : { start: negative(high), end: negative(low), of };
    })
    .sort((a, b) => compareLows(a.start, b.start));
  let last: Stretch | undefined;
  for (const one of stretches) {
    if (contains({ low: one.start, high: one.end }, at) && (last === undefined || endsBefore(one, last)))
      last = one;
  }
  if (last === undefined) {
    if (!limit.isComplete) return null;
    last = stretches.findLast(({ end }) => end !== null && end < at) ?? stretches[0];
  } else {
    for (const one of stretches) if (last.end !== null && one.start === last.end + 1n) last = one;
  }
  if (last === undefined || last.end === null) return null;
  const end = ascending ? last.end : -last.end;
  const bound = { type: 'restriction', low: ascending ? null : end, high: ascending ? end : null } as const;
  return { ...bound, of: last.of, ...remedyOf(limit) };
}

function remedyOf({ byHand, widen }: RangeLimit): Pick<Restriction, 'byHand' | 'widen'> {
  return { ...(byHand !== undefined && { byHand }), ...(widen !== undefined && { widen }) };
}

function negative(value: bigint | null): bigint | null {
  return value === null ? null : -value;
}

export function contains({ low, high }: ValueRange, value: bigint): boolean {
  return (low === null || low <= value) && (high === null || value <= high);
}

function endsBefore({ end }: Stretch, other: Stretch): boolean {
  return end !== null && (other.end === null || end < other.end);
}

/** The order of the lower ends of ranges; null is an open end. */
export function compareLows(a: bigint | null, b: bigint | null): number {
  if (a === b) return 0;
  return a === null || (b !== null && a < b) ? -1 : 1;
}
