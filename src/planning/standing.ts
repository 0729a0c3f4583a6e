import { digest } from '../steps/digest.js';
import type { SequenceRow } from '../contract/status.js';

/** Where a sequence stands at one read of both sides. */
export type Standing = 'ahead' | 'behind' | `failed: ${string}` | `skipped: ${string}`;

/**
 * @param row as it was planned from that read
 * @param isBehind whether the standby is not far enough ahead of the primary
 */
export function standingOf(
  { outcome, reason }: Pick<SequenceRow, 'outcome' | 'reason'>,
  isBehind: boolean,
): Standing {
  if (outcome === 'applied' || outcome === 'kept') return isBehind ? 'behind' : 'ahead';
  // The figures in a reason move with every read; what is wrong does not.
  return `${outcome}: ${(reason ?? '').replace(/-?\d+/gu, '#')}`;
}

/** A digest of a sequence and where it stands. The sum of many, by `sumOfDigests`, stands for a whole pair. */
export function standingDigest(sequence: string, standing: Standing): string {
  return digest(`${sequence} ${standing}`);
}

/** The sum after one sequence has gone from one standing to another. */
export function withMoved(sum: string, sequence: string, from: Standing, to: Standing): string {
  const difference = asNumber(standingDigest(sequence, to)) - asNumber(standingDigest(sequence, from));
  return BigInt.asUintN(64, asNumber(sum) + difference)
    .toString(16)
    .padStart(16, '0');
}

const asNumber = (hexadecimal: string) => BigInt(`0x${hexadecimal}`);
