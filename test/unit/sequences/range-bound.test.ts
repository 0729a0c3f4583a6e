import { describe, expect, it } from 'vitest';
import { rangeBound } from '../../../src/sequences/range-bound.js';
import type { RangeLimit } from '../../../src/sequences/sequence.js';

const limit = (isComplete: boolean, ...ranges: [bigint | null, bigint | null][]): RangeLimit => ({
  type: 'ranges',
  ranges: ranges.map(([low, high], i) => ({ low, high, of: String(i) })),
  isComplete,
});

const gap = [
  [1n, 9n],
  [20n, 89n],
] as [bigint, bigint][];

describe('the limit of ranges', () => {
  it.each([
    ['the range of the next value', limit(true, ...gap), 5n, 9n, 1n],
    ['a later range', limit(true, ...gap), 20n, 89n, 20n],
    ['the end of a range', limit(false, ...gap), 9n, 9n, 1n],
    ['its beginning', limit(false, ...gap), 20n, 89n, 20n],
    ['in a gap, the end before it', limit(true, ...gap), 15n, 9n, 20n],
    ['beyond all', limit(true, ...gap), 90n, 89n, 20n],
    ['before all', limit(true, ...gap), 0n, 9n, 1n],
    ['in a gap that others may take', limit(false, ...gap), 15n, null, null],
    [
      'the first end of those that overlap',
      limit(false, [null, 50n], [null, 30n], [10n, null]),
      15n,
      30n,
      10n,
    ],
    ['the end of one within an open one', limit(false, [null, null], [10n, 30n]), 15n, 30n, 10n],
    ['the nearest end, whatever their order', limit(false, [null, 30n], [null, 50n]), 15n, 30n, null],
    ['one after the other', limit(false, [1n, 9n], [10n, 19n], [20n, 29n]), 15n, 29n, 1n],
    ['an open end', limit(true, [null, 9n], [20n, null]), 25n, null, 20n],
  ])('%s', (_, ranges, next, up, down) => {
    expect(rangeBound(ranges, next, true)?.high ?? null).toBe(up);
    expect(rangeBound(ranges, next, false)?.low ?? null).toBe(down);
  });
});
