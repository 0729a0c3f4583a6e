import type { SequenceRow } from '../contract/status.js';
import type { PlannedSequence, PrimarySequence } from './rows.js';
import type { Implied, Table } from './table.js';

/** A field is left out of a row if it has this value: the name needs no quotes, and the furthest row is the last value of the sequence. */
export const impliedPrimary: Implied<PrimarySequence> = {
  sequence: '{schema}.{name}',
  furthest: 'last if feeds',
};

/** Nothing is set yet, and the target is the buffer ahead of the primary. */
export const impliedPlan: Implied<PlannedSequence> = {
  standbyNext: 'standbyBefore',
  primaryNext: 'target - buffer * increment',
};

/** Every sequence was set as planned. */
export const impliedRow: Implied<SequenceRow> = { standbyNext: 'target' };

/**
 * Converts a table to the present format. Tables of release 0.1.0 do not contain their rules for implied fields, since the rules were in
 * that release's code. They are repeated here on purpose. They must not change when the constants above change, since otherwise every
 * history of that release would be read wrongly.
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
