import { describe, expect, it } from 'vitest';
import { columnLimit, tightestBound } from '../../../src/sequences/bounds.js';
import type { ColumnType, Definition } from '../../../src/sequences/sequence.js';

describe('the limit of a column', () => {
  it.each<[ColumnType, bigint, bigint]>([
    [{ type: 'int2' }, 32767n, -32768n],
    [{ type: 'int4' }, 2147483647n, -2147483648n],
    [{ type: 'int8' }, 9223372036854775807n, -9223372036854775808n],
    [{ type: 'numeric', precision: 3, scale: 0 }, 999n, -999n],
    [{ type: 'numeric', precision: 5, scale: 2 }, 999n, -999n],
    [{ type: 'numeric', precision: 30, scale: 0 }, 10n ** 30n - 1n, 1n - 10n ** 30n],
    [{ type: 'numeric', precision: 2, scale: 2 }, 0n, 0n],
    [{ type: 'numeric', precision: 2, scale: 5 }, 0n, 0n],
    // What PostgreSQL 15 takes: 99,499 and 94 are stored, 99,500 and 95 overflow.
    [{ type: 'numeric', precision: 2, scale: -3 }, 99_499n, -99_499n],
    [{ type: 'numeric', precision: 1, scale: -1 }, 94n, -94n],
  ])('%j is %d ascending, %d descending', (column, ascending, descending) => {
    expect([columnLimit(column, 10n), columnLimit(column, -10n)]).toEqual([ascending, descending]);
  });
});

describe('the tightest bound', () => {
  const definition = (increment: bigint): Definition => ({
    increment,
    min: -40_000n,
    max: 40_000n,
    cache: 1n,
    cycle: false,
  });

  it('is the limit of the sequence itself where no column is tighter', () => {
    expect(tightestBound(definition(1n), [])).toEqual({ value: 40_000n, by: 'sequence' });
    expect(tightestBound(definition(-1n), [{ type: 'int4' }])).toEqual({ value: -40_000n, by: 'sequence' });
  });

  it('is called that of the sequence where a column has the same', () => {
    const int4 = { ...definition(1n), max: 2_147_483_647n };
    expect(tightestBound(int4, [{ type: 'int4' }])).toEqual({ value: 2_147_483_647n, by: 'sequence' });
  });

  it.each([
    { next: 32_767n, value: 32_767n },
    { next: 32_768n, value: 40_000n },
    { next: null, value: 40_000n },
  ])('is that of a column that only owns it, or refers, while the next value is within: $next', (given) => {
    const { next, value } = given;
    expect(tightestBound(definition(1n), [{ type: 'int2', owned: true }], next).value).toBe(value);
    const refers = { type: 'restriction', low: null, high: 32_767n, of: 'c', refers: true } as const;
    expect(tightestBound(definition(1n), [refers], next).value).toBe(value);
  });

  it('is that of the tightest column, and says so', () => {
    const columns: ColumnType[] = [
      { type: 'int4' },
      { type: 'int2' },
      { type: 'numeric', precision: 6, scale: 0 },
    ];
    expect(tightestBound(definition(1n), columns)).toEqual({ value: 32_767n, by: { type: 'int2' } });
    expect(tightestBound(definition(-1n), columns)).toEqual({ value: -32_768n, by: { type: 'int2' } });
  });
});
