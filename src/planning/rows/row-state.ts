import { digest } from '../../steps/digest.js';
import type { SequenceRow } from '../../contract/status.js';

/** The state of a sequence at one reading of both sides. */
export type RowState = 'ahead' | 'behind' | `failed: ${string}` | `skipped: ${string}`;

/**
 * @param row the plan from that reading
 * @param isBehind whether the standby is not far enough ahead of the primary
 */
export function rowStateOf(
  { outcome, reason }: Pick<SequenceRow, 'outcome' | 'reason'>,
  isBehind: boolean,
): RowState {
  if (outcome === 'applied' || outcome === 'kept') return isBehind ? 'behind' : 'ahead';
  // Numbers in a reason change with every reading, so they are left out of the comparison.
  return `${outcome}: ${(reason ?? '').replace(/-?\d+/gu, '#')}`;
}

/**
 * A digest of the name and the state of a sequence. The sum of all digests, by `sumOfDigests`, identifies the state of a pair. A run keeps
 * digests while it waits, and they include the reason of a failed or skipped sequence: if a new version changes the text of a reason, the
 * run records the sequence again.
 */
export function rowStateDigest(sequence: string, state: RowState): string {
  return digest(`${sequence} ${state}`);
}

/** The sum of digests after the state of one sequence has changed. */
export function withMoved(sum: string, sequence: string, from: RowState, to: RowState): string {
  const difference = asNumber(rowStateDigest(sequence, to)) - asNumber(rowStateDigest(sequence, from));
  return BigInt.asUintN(64, asNumber(sum) + difference)
    .toString(16)
    .padStart(16, '0');
}

const asNumber = (hexadecimal: string) => BigInt(`0x${hexadecimal}`);
