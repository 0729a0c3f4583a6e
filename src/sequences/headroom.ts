import { floorDivide } from './floor-divide.js';

/**
 * By how many calls of nextval the standby is ahead of the primary, rounded down; negative if it is behind.
 * It is a lower bound only if the standby was read before the primary.
 */
export function headroom(standbyNext: bigint, primaryNext: bigint, increment: bigint): bigint {
  return floorDivide(standbyNext - primaryNext, increment);
}

/**
 * Whether a headroom is sufficient: at least half of the effective buffer, rounded up. A sequence with less is topped up.
 * With an effective buffer of 0, a headroom of 0 is sufficient.
 */
export function isAhead(calls: bigint, effectiveBuffer: bigint): boolean {
  return calls >= (effectiveBuffer + 1n) / 2n;
}
