import { nextValue, type Definition, type Position } from './sequence.js';

/** The position that makes `target` the next value, within what setval accepts on the standby. */
export function settingFor(target: bigint, primary: Position, { increment, min, max }: Definition): Position {
  const accepted = (value: bigint) => min <= value && value <= max;
  if (nextValue(primary, increment) === target && accepted(primary.lastValue)) return { ...primary };
  const before = target - increment;
  return accepted(before) ? { lastValue: before, isCalled: true } : { lastValue: target, isCalled: false };
}

/** The clause of ALTER SEQUENCE with which a person can lower the standby's sequence to `target`. */
export function restartClause(
  onPrimary: Definition,
  { increment, min, max }: Definition,
  target: bigint,
): string {
  const limit =
    increment > 0n && target < min
      ? `MINVALUE ${onPrimary.min.toString()} `
      : increment < 0n && target > max
        ? `MAXVALUE ${onPrimary.max.toString()} `
        : '';
  return `${limit}RESTART WITH ${target.toString()}`;
}
