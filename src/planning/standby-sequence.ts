import type { PrimarySequence } from '../contract/steps.js';
import type { ColumnType, Definition, Position } from '../sequences/sequence.js';

/** A column of the standby that a sequence feeds. */
export interface StandbyFeed {
  /** schema.table.column, quoted where any version needs it. */
  column: string;
  /** `owned` where it only belongs to the column, whose default does not call it. */
  via: 'identity' | 'default' | 'owned';
  /** What a value must fit in; none for text and expressions. */
  limits: readonly ColumnType[];
  /** Whether a subscription replicates the table. */
  subscribed: boolean;
  /** Whether the table survives a crash. */
  logged: boolean;
}

/** A sequence of the standby as it was read. */
export interface StandbySequence {
  schema: string;
  name: string;
  sequence: string;
  oid: number;
  definition: Definition;
  temporary: boolean;
  /** Whether a crash resets it. */
  unlogged: boolean;
  extension: string | null;
  /** The grants that this role lacks to set it; null for none. */
  grantsToSet: string | null;
  feeds: readonly StandbyFeed[];
  /** The furthest value in any fed column, in the direction of the increment. */
  furthest: bigint | null;
  /** Why a fed column's data was not looked at, and what to do about it. */
  dataNotChecked: { reason: string; remedy: string } | null;
  reading: { position: Position } | { problem: NonNullable<PrimarySequence['problem']> };
}
