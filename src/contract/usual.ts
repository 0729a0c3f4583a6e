/** What the fields of a page's records nearly always are: see {@link Usual}. */
import type { SequenceRow } from './status.js';
import type { PlannedSequence, PrimarySequence } from './steps.js';
import type { Usual } from './table.js';

/** A name that needs no quotes. */
export const usualPrimary: Usual<PrimarySequence> = {
  sequence: ({ schema, name }) => `${schema}.${name}`,
};

/** Nothing is set yet. */
export const usualPlan: Usual<PlannedSequence> = {
  standbyNext: ({ standbyBefore }) => standbyBefore,
};

/** What was to be set has been set. */
export const usualRow: Usual<SequenceRow> = {
  standbyNext: ({ target }) => target,
};
