import type { SequenceRow } from '../contract/status.js';
import type { PlannedSequence, PrimarySequence } from './rows.js';
import type { Implied, Table } from './table.js';

/** A name that needs no quotes, and rows up to the sequence's last value. */
export const impliedPrimary: Implied<PrimarySequence> = {
  sequence: '{schema}.{name}',
  furthest: 'last if feeds',
};

/** Nothing is set yet, and what is to be set is as far ahead as the buffer. */
export const impliedPlan: Implied<PlannedSequence> = {
  standbyNext: 'standbyBefore',
  primaryNext: 'target - buffer * increment',
};

/** What was to be set has been set. */
export const impliedRow: Implied<SequenceRow> = { standbyNext: 'target' };

/**
 * A table in the present format. Tables of release 0.1.0 do not say which fields are implied: the rules were in that release's code.
 *
 * The rules are repeated here on purpose. They are those of 0.1.0, and must stay as they are when the constants above change: otherwise
 * every history of that release would be read wrongly.
 */
export function upgradeTable<T>(table: Table<T>, kind: 'primary' | 'plan' | 'row'): Table<T> {
  if (table.implied !== undefined) return table;
  const implied = {
    primary: { sequence: '{schema}.{name}', furthest: 'last if feeds' },
    plan: { standbyNext: 'standbyBefore', primaryNext: 'target - buffer * increment' },
    row: { standbyNext: 'target' },
  }[kind];
  return { ...table, implied: implied };
}
