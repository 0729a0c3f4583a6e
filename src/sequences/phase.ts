import { floorDivide } from './floor-divide.js';
import type { Definition, Position } from './sequence.js';

/**
 * Whether the values of a standby's sequence are to stay in its own phase, as those of a region that hands out 2, 102, 202 beside
 * another's 1, 101, 201. A sequence that was moved, by nextval, setval or RESTART, has the phase in which it stands. One that still stands at
 * its START has a phase of its own only if that START was chosen: a copy of the primary's schema has the primary's START, and
 * a START that nobody gave is the minimum (the maximum of a descending sequence).
 */
export function hasOwnPhase(
  primary: Definition,
  standby: { position: Position; definition: Definition },
): boolean {
  const { position, definition } = standby;
  const start = startOf(definition);
  if (position.isCalled || position.lastValue !== start) return true;
  if (isSamePhase(start, startOf(primary), definition.increment)) return false;
  const isDefault = start === defaultStart(definition);
  return !isDefault || defaultStart(primary) === defaultStart(definition);
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
export function startOf(definition: Definition): bigint {
  return definition.start ?? defaultStart(definition);
}

function defaultStart({ increment, min, max }: Definition): bigint {
  return increment > 0n ? min : max;
}
