import { floorDivide } from './floor-divide.js';
import type { Definition, Position } from './sequence.js';

/**
 * Whether a standby's sequence has its own phase, which it has to keep. An example are two regions, of which one hands out 2,
 * 102, 202 and the other 1, 101, 201. If the sequence was moved, by nextval, setval or RESTART, its phase is that of its present
 * value. If it still stands at its START, it has its own phase only if that START differs from the primary's by less than one
 * increment, because then both were probably chosen to share a table. A copied schema has the primary's START, and a START that
 * is further away was chosen for another reason.
 */
export function hasOwnPhase(
  primary: Definition,
  { position, definition }: { position: Position; definition: Definition },
): boolean {
  const start = startOf(definition);
  if (position.isCalled || position.lastValue !== start) return true;
  const apart = start - startOf(primary);
  const { increment } = definition;
  return apart !== 0n && (apart < 0n ? -apart : apart) < (increment < 0n ? -increment : increment);
}

/** The first value at or beyond `from`, in the direction of the increment, that is in the same phase as `member`. */
export function firstInPhase(from: bigint, member: bigint, increment: bigint): bigint {
  const [distance, step] = increment > 0n ? [member - from, increment] : [from - member, -increment];
  const shift = distance - floorDivide(distance, step) * step;
  return increment > 0n ? from + shift : from - shift;
}

/** Whether one sequence with this increment could return both values. */
export function isSamePhase(one: bigint, other: bigint, increment: bigint): boolean {
  return (one - other) % increment === 0n;
}

/** The value to which ALTER SEQUENCE … RESTART sets the sequence. */
export function startOf({ increment, min, max, start }: Definition): bigint {
  return start ?? (increment > 0n ? min : max);
}
