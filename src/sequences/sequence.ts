/** Whether a sequence was called, and where it stands: the two columns of the relation itself. */
export interface Position {
  lastValue: bigint;
  isCalled: boolean;
}

/** The columns of pg_sequence that decide what nextval does. */
export interface Definition {
  /** Never 0; negative for a descending sequence. */
  increment: bigint;
  min: bigint;
  max: bigint;
  /** Values that a session takes at once; 1 is no cache. */
  cache: bigint;
  cycle: boolean;
  /** Its START; absent where that is its minimum, or for a descending sequence its maximum. */
  start?: bigint;
}

/** A type that limits the values of a column. `numeric` with neither precision nor scale is no limit. */
export type ColumnType =
  { type: 'int2' | 'int4' | 'int8' } | { type: 'numeric'; precision: number; scale: number };

/** What else limits the values of a column, such as a check constraint; a side without a limit is null. */
export interface Restriction {
  type: 'restriction';
  low: bigint | null;
  high: bigint | null;
  /** For messages: `the check constraint orders_no_check of public.orders`. */
  of: string;
}

/** Anything that limits the values of a column. */
export type ColumnLimit = ColumnType | Restriction;

/** The largest value of PostgreSQL's bigint, and so of any sequence. */
export const MAX_BIGINT = 9223372036854775807n;

/**
 * The value that the next call of nextval returns, before CYCLE and bounds are considered: for a sequence
 * that is used up it lies beyond its limit, at the ends of bigint even beyond those.
 */
export function nextValue(position: Position, increment: bigint): bigint {
  return position.isCalled ? position.lastValue + increment : position.lastValue;
}

/** The last_value after which `next` is the next value: the argument of setval that goes with `isCalled`. */
export function lastValueBefore(next: bigint, increment: bigint, isCalled: boolean): bigint {
  return isCalled ? next - increment : next;
}

/** Whether `value` is where `other` is or further on, in the direction of `increment`. */
export function atOrBeyond(value: bigint, other: bigint, increment: bigint): boolean {
  return increment > 0n ? value >= other : value <= other;
}

/** How often nextval can be called from `next` on until `limit` is passed; 0 when `next` already lies beyond it. */
export function callsUntil(limit: bigint, next: bigint, increment: bigint): bigint {
  return atOrBeyond(limit, next, increment) ? (limit - next) / increment + 1n : 0n;
}
