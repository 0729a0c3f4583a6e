import type { Restriction } from '../../sequences/sequence.js';

/** The integers that fit in a number of characters, one of which is the sign of a negative number. */
export function digits(count: number): Pick<Restriction, 'low' | 'high'> {
  const most = (digitsLeft: number) => (digitsLeft < 1 ? 0n : 10n ** BigInt(digitsLeft) - 1n);
  // A limit beyond bigint has no effect.
  const bounded = Math.min(count, 25);
  return { low: -most(bounded - 1), high: most(bounded) };
}
