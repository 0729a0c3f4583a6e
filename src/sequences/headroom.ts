import { floorDivide } from './floor-divide.js';

/**
 * How many calls of nextval the standby is ahead of the primary by, rounded down; negative when it is behind.
 * It is a lower bound only if the standby was read first and the primary after.
 */
export function headroom(standbyNext: bigint, primaryNext: bigint, increment: bigint): bigint {
  return floorDivide(standbyNext - primaryNext, increment);
}

/**
 * Whether a headroom is enough: at least half of the effective buffer, rounded up. Below it a sequence is
 * topped up. With an effective buffer of 0, level is enough.
 */
export function isAhead(calls: bigint, effectiveBuffer: bigint): boolean {
  return calls >= (effectiveBuffer + 1n) / 2n;
}
