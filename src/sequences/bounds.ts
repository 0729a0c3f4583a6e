import { rangeBound } from './range-bound.js';
import {
  callsUntil,
  type ColumnLimit,
  type ColumnType,
  type Definition,
  type RangeLimit,
  type Restriction,
} from './sequence.js';

/** The last value that nextval may return, and where the limit comes from: the sequence, or a column that it feeds. */
export interface Bound {
  value: bigint;
  by: 'sequence' | ColumnType | Restriction;
}

/**
 * The furthest integer that a column can store, in the direction of `increment`; null if the column has no limit.
 *
 * numeric(p, s) holds p − s digits before the point. A negative scale rounds what is stored to a multiple of
 * 10^−s, and a value that rounds up to one digit more overflows: numeric(2, -3) takes 99,499, not 99,999.
 * https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-NUMERIC-DECIMAL
 */
export function columnLimit(column: ColumnType | Restriction, increment: bigint): bigint | null {
  switch (column.type) {
    case 'restriction':
      return increment > 0n ? column.high : column.low;
    case 'int2':
      return integerLimit(16n, increment);
    case 'int4':
      return integerLimit(32n, increment);
    case 'int8':
      return integerLimit(64n, increment);
    case 'numeric': {
      const limit = numericLimit(column.precision, column.scale);
      return increment > 0n ? limit : -limit;
    }
  }
}

/**
 * The tightest limit of a sequence and of the columns that it feeds, in the direction of its increment.
 *
 * @param next the next value, which decides which range of a `RangeLimit` counts, and whether the type of an owning column does; without
 * it, they are no limit
 */
export function tightestBound(
  definition: Definition,
  columns: readonly ColumnLimit[],
  next: bigint | null = null,
): Bound {
  const ascending = definition.increment > 0n;
  let tightest: Bound = { value: ascending ? definition.max : definition.min, by: 'sequence' };
  for (const column of columns) {
    const by = column.type === 'ranges' ? inRange(column, next, ascending) : column;
    const value = by === null ? null : columnLimit(by, definition.increment);
    if (by === null || value === null || isPassed(column, value, next, definition.increment)) continue;
    if (ascending ? value < tightest.value : value > tightest.value) tightest = { value, by };
  }
  return tightest;
}

/** Whether the sequence is beyond a column that only owns it, or refers to the fed one: then the column holds other values. */
function isPassed(column: ColumnLimit, value: bigint, next: bigint | null, increment: bigint): boolean {
  if (!('owned' in column) && !('refers' in column)) return false;
  return next === null || callsUntil(value, next, increment) === 0n;
}

function inRange(limit: RangeLimit, next: bigint | null, ascending: boolean): Restriction | null {
  return next === null ? null : rangeBound(limit, next, ascending);
}

function integerLimit(bits: bigint, increment: bigint): bigint {
  const half = 2n ** (bits - 1n);
  return increment > 0n ? half - 1n : -half;
}

function numericLimit(precision: number, scale: number): bigint {
  const digits = precision - scale;
  if (digits <= 0) return 0n;
  const roundedAway = scale < 0 ? 5n * 10n ** BigInt(-scale - 1) : 0n;
  return 10n ** BigInt(digits) - roundedAway - 1n;
}
