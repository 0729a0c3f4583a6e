import { describe, expect, it } from 'vitest';
import { callsPerSecond, consumption, isFaster, secondsLeft } from '../../../src/sequences/consumption.js';

describe('consumption between two readings', () => {
  it('counts calls, not values', () => {
    expect(consumption({ next: 1_011n, at: 1_000 }, { next: 1_511n, at: 5_000 }, 10n)).toEqual({
      calls: 50n,
      elapsedMs: 4_000n,
    });
    expect(consumption({ next: -501n, at: 0 }, { next: -601n, at: 1_000.7 }, -1n)).toEqual({
      calls: 100n,
      elapsedMs: 1_000n,
    });
  });

  it('is exact above 2^53', () => {
    expect(
      consumption({ next: -9223372036854775808n, at: 0 }, { next: 9223372036854775807n, at: 1 }, 1n),
    ).toEqual({
      calls: 18446744073709551615n,
      elapsedMs: 1n,
    });
  });

  it('is nothing for a sequence at rest', () => {
    expect(consumption({ next: 7n, at: 0 }, { next: 7n, at: 1_000 }, 1n)).toEqual({
      calls: 0n,
      elapsedMs: 1_000n,
    });
  });

  it('is unknown after a restart, and where no time passed', () => {
    expect(consumption({ next: 500n, at: 0 }, { next: 1n, at: 1_000 }, 1n)).toBeNull();
    expect(consumption({ next: -500n, at: 0 }, { next: -1n, at: 1_000 }, -1n)).toBeNull();
    expect(consumption({ next: 1n, at: 5 }, { next: 2n, at: 5 }, 1n)).toBeNull();
    expect(consumption({ next: 1n, at: 5 }, { next: 2n, at: 4 }, 1n)).toBeNull();
  });
});

describe('a rate', () => {
  it.each([
    [50n, 4_000n, '12.50'],
    [1n, 3_000n, '0.33'],
    [0n, 1_000n, '0.00'],
    [9007199254740993n, 1_000n, '9007199254740993.00'],
  ])('of %d calls in %d ms is %s calls per second', (calls, elapsedMs, expected) => {
    expect(callsPerSecond({ calls, elapsedMs })).toBe(expected);
  });

  it('is compared exactly', () => {
    const third = { calls: 1n, elapsedMs: 3n };
    expect(isFaster({ calls: 333333333333333334n, elapsedMs: 1000000000000000000n }, third)).toBe(true);
    expect(isFaster(third, { calls: 2n, elapsedMs: 6n })).toBe(false);
  });
});

describe('the time a headroom lasts', () => {
  it.each([
    [10_000n, 50n, 4_000n, 800n],
    [10n, 3n, 1_000n, 3n],
    [0n, 50n, 1_000n, 0n],
    [-5n, 50n, 1_000n, 0n],
    [-5n, 0n, 1_000n, 0n],
    [10n, 0n, 1_000n, null],
  ])('of %d calls at %d calls in %d ms is %s seconds', (headroom, calls, elapsedMs, expected) => {
    expect(secondsLeft(headroom, { calls, elapsedMs })).toBe(expected);
  });
});
