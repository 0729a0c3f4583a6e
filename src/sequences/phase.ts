import { floorDivide } from './floor-divide.js';
import type { Definition, Position } from './sequence.js';

/**
 * Whether the values of a standby's sequence are to stay in its own phase, as those of a region that hands out 2, 102, 202 beside
 * another's 1, 101, 201. A sequence that was moved, by nextval, setval or RESTART, has the phase in which it stands. One that still
 * stands at its START has a phase of its own only if that lies less than an increment from the primary's START: so they were chosen to
 * take turns. A copy of the primary's schema has the primary's START, and one that is far from it was chosen for another reason.
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

/** The first value at or beyond `from`, in the direction of the increment, that a sequence hands out which hands out `member`. */
export function firstInPhase(from: bigint, member: bigint, increment: bigint): bigint {
  const [distance, step] = increment > 0n ? [member - from, increment] : [from - member, -increment];
  const shift = distance - floorDivide(distance, step) * step;
  return increment > 0n ? from + shift : from - shift;
}

/** Whether one sequence with this increment could hand out both. */
export function isSamePhase(one: bigint, other: bigint, increment: bigint): boolean {
  return (one - other) % increment === 0n;
}

/** Where ALTER SEQUENCE … RESTART takes it. */
export function startOf({ increment, min, max, start }: Definition): bigint {
  return start ?? (increment > 0n ? min : max);
}
