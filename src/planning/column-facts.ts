import { partsOfName } from '../sequences/identifier.js';
import type { ColumnName, ColumnOnServer, SequenceOrigin, SideFacts } from '../steps/columns.js';

/** Facts about columns that take their values from different sequences on the two sides. A fact is absent if it was not needed or could not be read. */
export interface ColumnFacts {
  /** Facts of the standby about the columns that a sequence feeds on one side only. */
  standby: SideFacts | null;
  /** Facts of the primary about the columns that a sequence feeds on the standby only. */
  primary: SideFacts | null;
  /** The origins of sequences of the primary, by the sequence's oid there. */
  origins: ReadonlyMap<number, SequenceOrigin>;
  /** Why facts of the primary could not be read; null if all of them could, or if none was needed. */
  unread: string | null;
}

/** No side had to be asked about columns. */
export const noFacts: ColumnFacts = { standby: null, primary: null, origins: new Map(), unread: null };

/** The unquoted parts of a column that is written as `schema.table.column`, quoted where needed. */
export function toColumnName(column: string): ColumnName {
  const [schema = '', table = '', name = ''] = partsOfName(column);
  return { schema, table, column: name };
}

/** The sequences from which the column's default or identity takes its values. */
export function callingSequences(column: ColumnOnServer | undefined): string[] {
  const calling = column?.feeders.filter(({ via }) => via !== 'owned') ?? [];
  return [...new Set(calling.map(({ sequence }) => sequence))];
}

/** The sequences that feed columns on the primary, by their quoted names. */
export function callingSequencesIn(facts: SideFacts | null): string[] {
  return [...new Set([...(facts?.columns.values() ?? [])].flatMap(callingSequences))];
}
