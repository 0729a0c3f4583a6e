import type { ColumnLimit, Definition } from './sequence.js';

/** The last value that nextval may return, and where the limit comes from: the sequence, or a column that it feeds. */
export interface Bound {
  value: bigint;
  by: 'sequence' | ColumnLimit;
}

/**
 * The furthest integer that a column can store, in the direction of `increment`; null if the column has no limit.
 *
 * numeric(p, s) holds p − s digits before the point. A negative scale rounds what is stored to a multiple of
 * 10^−s, and a value that rounds up to one digit more overflows: numeric(2, -3) takes 99,499, not 99,999.
 * https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-NUMERIC-DECIMAL
 */
export function columnLimit(column: ColumnLimit, increment: bigint): bigint | null {
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

/** The tightest limit of a sequence and of the columns that it feeds, in the direction of its increment. */
export function tightestBound(definition: Definition, columns: readonly ColumnLimit[]): Bound {
  const ascending = definition.increment > 0n;
  let tightest: Bound = { value: ascending ? definition.max : definition.min, by: 'sequence' };
  for (const column of columns) {
    const value = columnLimit(column, definition.increment);
    if (value === null) continue;
    if (ascending ? value < tightest.value : value > tightest.value) tightest = { value, by: column };
  }
  return tightest;
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
