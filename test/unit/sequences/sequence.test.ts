import { describe, expect, it } from 'vitest';
import { callsUntil, nextValue } from '../../../src/sequences/sequence.js';

describe('the next value', () => {
  it.each([
    [{ lastValue: 10_000n, isCalled: true }, 1n, 10_001n],
    [{ lastValue: 500_000n, isCalled: false }, 1n, 500_000n],
    [{ lastValue: -500n, isCalled: true }, -1n, -501n],
    [{ lastValue: 9223372036854775807n, isCalled: true }, 1n, 9223372036854775808n],
    [{ lastValue: -9223372036854775808n, isCalled: true }, -9223372036854775808n, -18446744073709551616n],
  ])('of %o with increment %d is %d', (position, increment, next) => {
    expect(nextValue(position, increment)).toBe(next);
  });
});

describe('the calls that are left', () => {
  it.each([
    [32_767n, 32_001n, 1n, 767n],
    [32_767n, 32_767n, 1n, 1n],
    [32_767n, 32_768n, 1n, 0n],
    [100n, 1n, 10n, 10n],
    [101n, 1n, 10n, 11n],
    [-100n, -1n, -10n, 10n],
    [-100n, -101n, -10n, 0n],
  ])('up to %d, from %d on by %d, are %d', (limit, next, increment, calls) => {
    expect(callsUntil(limit, next, increment)).toBe(calls);
  });
});
