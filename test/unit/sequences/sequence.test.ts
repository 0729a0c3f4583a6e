import { describe, expect, it } from 'vitest';
import { afterCycle, callsUntil, nextValue } from '../../../src/sequences/sequence.js';

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

describe('a position with CYCLE', () => {
  const up = { increment: 3n, min: 1n, max: 10n, cache: 1n, cycle: true };
  const down = { ...up, increment: -3n };
  it.each([
    { of: 'that has returned its last value', definition: up, last: 10n, next: 1n },
    { of: 'that cannot take a whole step any more', definition: up, last: 9n, next: 1n },
    { of: 'that can take one more step', definition: up, last: 7n, next: 10n },
    { of: 'that descends and has returned its last value', definition: down, last: 1n, next: 10n },
    { of: 'that descends and can take one more step', definition: down, last: 4n, next: 1n },
    { of: 'without CYCLE', definition: { ...up, cycle: false }, last: 10n, next: 13n },
  ])('of a sequence $of', ({ definition, last, next }) => {
    const position = afterCycle({ lastValue: last, isCalled: true }, definition);
    expect(nextValue(position, definition.increment)).toBe(next);
  });

  it('is not changed before the last value is returned', () => {
    const position = { lastValue: 10n, isCalled: false };
    expect(afterCycle(position, up)).toBe(position);
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
