/** What the fields of a page's records nearly always are: see {@link Usual}. */
import type { SequenceRow } from './status.js';
import type { PlannedSequence, PrimarySequence } from './steps.js';
import type { Usual } from './table.js';

/** A name that needs no quotes, and rows up to the sequence's last value. */
export const usualPrimary: Usual<PrimarySequence> = {
  sequence: ({ schema, name }) => `${schema}.${name}`,
  furthest: ({ feeds, last }) => (feeds === undefined ? undefined : last),
};

/** Nothing is set yet, and what is to be set is as far ahead as the buffer. */
export const usualPlan: Usual<PlannedSequence> = {
  standbyNext: ({ standbyBefore }) => standbyBefore,
  primaryNext: ({ target, buffer, increment }) =>
    target === null || buffer === null || increment === undefined
      ? undefined
      : String(BigInt(target) - BigInt(buffer) * BigInt(increment)),
};

/** What was to be set has been set. */
export const usualRow: Usual<SequenceRow> = {
  standbyNext: ({ target }) => target,
};
