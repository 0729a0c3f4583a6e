import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headroom, isAhead } from '../../../src/sequences/headroom.js';

describe('headroom', () => {
  it.each([
    [20_001n, 10_001n, 1n, 10_000n],
    [10_001n, 10_001n, 1n, 0n],
    [10_000n, 10_001n, 1n, -1n],
    [-10_501n, -501n, -1n, 10_000n],
    [-500n, -501n, -1n, -1n],
    [25n, 1n, 10n, 2n],
    [1n, 25n, 10n, -3n],
    [-25n, -1n, -10n, 2n],
    [-1n, -25n, -10n, -3n],
    [9223372036854775807n, -9223372036854775808n, 1n, 18446744073709551615n],
  ])(
    'of a standby at %d, a primary at %d and increment %d is %d calls',
    (standby, primary, increment, calls) => {
      expect(headroom(standby, primary, increment)).toBe(calls);
    },
  );

  it('is the greatest number of calls after which the primary is not beyond the standby', () => {
    const value = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    fc.assert(
      fc.property(
        value,
        value,
        value.filter((increment) => increment !== 0n),
        (standby, primary, increment) => {
          const calls = headroom(standby, primary, increment);
          const beyond = (count: bigint) => {
            const distance = primary + count * increment - standby;
            return increment > 0n ? distance > 0n : distance < 0n;
          };
          expect([beyond(calls), beyond(calls + 1n)]).toEqual([false, true]);
        },
      ),
    );
  });
});

describe('ahead', () => {
  it.each([
    [5_000n, 10_000n, true],
    [4_999n, 10_000n, false],
    [192n, 383n, true],
    [191n, 383n, false],
    [1n, 1n, true],
    [0n, 1n, false],
    [0n, 0n, true],
    [-1n, 0n, false],
  ])('with a headroom of %d calls and an effective buffer of %d: %s', (calls, buffer, expected) => {
    expect(isAhead(calls, buffer)).toBe(expected);
  });
});
