import { describe, expect, it } from 'vitest';
import {
  callsPerSecond,
  consumption,
  faster,
  fastestConsumption,
  isFaster,
  secondsLeft,
} from '../../../src/sequences/consumption.js';

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

describe('the fastest consumption between several readings', () => {
  const at = (at: number, next: bigint) => ({ at, next });

  it('is that of the busiest time, not the average', () => {
    const readings = [at(100_000, 2_200n), at(60_000, 2_100n), at(50_000, 1_100n), at(0, 0n)];
    expect(fastestConsumption(readings, 1n, 1_000)).toEqual({ calls: 1_000n, elapsedMs: 10_000n });
  });

  it('passes over readings that lie closer together than asked for', () => {
    const readings = [at(30_000, 300n), at(29_999, 200n), at(100, 100n), at(0, 0n)];
    expect(fastestConsumption(readings, 1n, 20_000)).toEqual({ calls: 200n, elapsedMs: 29_900n });
    expect(fastestConsumption(readings, 1n, 30_001)).toBeNull();
  });

  it('does not see through a restart, but on either side of it', () => {
    const readings = [at(40_000, 20n), at(30_000, 1n), at(20_000, 900n), at(10_000, 890n)];
    expect(fastestConsumption(readings, 1n, 1_000)).toEqual({ calls: 19n, elapsedMs: 10_000n });
  });

  it('is unknown with one reading or none', () => {
    expect(fastestConsumption([], 1n, 1)).toBeNull();
    expect(fastestConsumption([at(0, 1n)], 1n, 1)).toBeNull();
  });

  it('is the other one where one is unknown', () => {
    const known = { calls: 0n, elapsedMs: 1n };
    expect([faster(null, null), faster(known, null), faster(null, known)]).toEqual([null, known, known]);
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
