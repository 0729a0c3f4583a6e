/** The position of a sequence: the columns last_value and is_called of its relation. */
export interface Position {
  lastValue: bigint;
  isCalled: boolean;
}

/** The columns of pg_sequence that determine the result of nextval. */
export interface Definition {
  /** Never 0; negative for a descending sequence. */
  increment: bigint;
  min: bigint;
  max: bigint;
  /** How many values a session takes at once; 1 means no cache. */
  cache: bigint;
  cycle: boolean;
  /** Its START; absent if that is the minimum, or, for a descending sequence, the maximum. */
  start?: bigint;
}

/** The type of a column, which limits its values. `numeric` without precision and scale has no limit. */
export type ColumnType = (
  { type: 'int2' | 'int4' | 'int8' } | { type: 'numeric'; precision: number; scale: number }
) & {
  /**
   * True for a column that only owns the sequence: applications store the values of nextval there, or values computed from them. Then the
   * type is a limit only for a next value within it. Otherwise absent.
   */
  owned?: true;
};

/** Another limit of a column's values, such as a check constraint. A bound without a limit is null. */
export interface Restriction {
  type: 'restriction';
  low: bigint | null;
  high: bigint | null;
  /** For messages: `the check constraint orders_no_check of public.orders`. */
  of: string;
  /** As in {@link ColumnType}. */
  owned?: true;
  /** True for a column that refers to the fed one: it is a limit only for a next value within it. Otherwise absent. */
  refers?: true;
  /** How to widen it where it was read. Absent if no statement is known. */
  widen?: Widening;
  /** What a person has to widen, if no statement is known and `of` is not enough. */
  byHand?: string;
}

/** What gives a limit more room. */
export interface Widening {
  statements: readonly string[];
  /** Whether they change the type of a column, which PostgreSQL refuses while something depends on it. */
  changesType?: true;
  /** What the statements leave to a person. */
  note?: string;
}

/** A range of integers, both ends included; null for an end that is open. */
export interface ValueRange {
  low: bigint | null;
  high: bigint | null;
}

/** Ranges of values, such as those of partitions. The one that contains the next value decides. */
export interface RangeLimit {
  type: 'ranges';
  ranges: (ValueRange & { of: string })[];
  /** Whether a value outside of all ranges is refused. Otherwise the ranges are of single partitions, and others may take it. */
  isComplete: boolean;
  /** What may limit a value outside of all ranges, for a message. Absent for nothing. */
  beyond?: string;
  /** As in {@link Restriction}, for each of the ranges. */
  byHand?: string;
  widen?: Widening;
}

/** Any limit of a column's values. */
export type ColumnLimit = ColumnType | Restriction | RangeLimit;

/** The largest value of PostgreSQL's bigint, and therefore of any sequence. */
export const MAX_BIGINT = 9223372036854775807n;

/**
 * The value that the next call of nextval returns, without regard to CYCLE and bounds. For a sequence that is used up, it is
 * beyond the sequence's limit, which may be beyond bigint.
 */
export function nextValue(position: Position, increment: bigint): bigint {
  return position.isCalled ? position.lastValue + increment : position.lastValue;
}

/**
 * The position of a sequence with CYCLE that has returned its last value: the same as that of one at its first value, not yet called.
 * Any other position is returned as it is. https://www.postgresql.org/docs/current/sql-createsequence.html
 */
export function afterCycle(position: Position, definition: Definition): Position {
  const { cycle, increment, min, max } = definition;
  const next = nextValue(position, increment);
  if (!cycle || (min <= next && next <= max)) return position;
  return { lastValue: valueAfterLast(definition), isCalled: false };
}

/** The value with which a sequence with CYCLE begins again. */
export function valueAfterLast({ increment, min, max }: Definition): bigint {
  return increment > 0n ? min : max;
}

/** The last_value that makes `next` the next value: the argument of setval that belongs to `isCalled`. */
export function lastValueBefore(next: bigint, increment: bigint, isCalled: boolean): bigint {
  return isCalled ? next - increment : next;
}

/** Whether `value` is equal to `other`, or beyond it in the direction of `increment`. */
export function atOrBeyond(value: bigint, other: bigint, increment: bigint): boolean {
  return increment > 0n ? value >= other : value <= other;
}

/** How many calls of nextval, from `next` on, stay within `limit`; 0 if `next` is already beyond it. */
export function callsUntil(limit: bigint, next: bigint, increment: bigint): bigint {
  return atOrBeyond(limit, next, increment) ? (limit - next) / increment + 1n : 0n;
}
