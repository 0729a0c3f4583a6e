/** What the fields of a page's records nearly always are: see {@link Usual}. */
import type { PlannedSequence, PrimarySequence, Setting } from './steps.js';
import type { Usual } from './table.js';

/** A name that needs no quotes. */
export const usualPrimary: Usual<PrimarySequence> = {
  sequence: ({ schema, name }) => `${schema}.${name}`,
};

/** The value of a setval that leaves the target as the next value; `target` and `increment` are what the others are told from. */
export const usualSetting: Usual<Setting> = {
  value: ({ target, increment }) => valueBefore(target, increment),
};

/** Nothing is set yet. */
export const usualPlan: Usual<PlannedSequence> = {
  standbyNext: ({ standbyBefore }) => standbyBefore,
  value: ({ outcome, target, increment }) =>
    outcome === 'applied' && target !== null && increment !== undefined
      ? valueBefore(target, increment)
      : undefined,
};

function valueBefore(target: string, increment: string): string {
  return String(BigInt(target) - BigInt(increment));
}
