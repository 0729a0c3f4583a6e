import type { PrimarySequence } from '../steps/rows.js';
import type { RowsAhead } from '../sequences/rows.js';
import type { ColumnLimit, ColumnType, Definition, Position } from '../sequences/sequence.js';

/** A column of the standby that a sequence feeds. */
export interface StandbyFeed {
  /** schema.table.column, quoted where any version needs it. */
  column: string;
  /** Of the table, and of the column in it. */
  oid: number;
  attnum: number;
  /** Of the column, as in the catalog. */
  name: string;
  /** Whether, and how, the column takes the values as they are; see `Feed`. */
  plain: boolean;
  via: 'identity' | 'default' | 'owned';
  /** An integer type or numeric; null for any other. */
  type: ColumnType['type'] | null;
  /** What a value must fit in. */
  limits: readonly ColumnLimit[];
  /** What limits its values in a way that nobody computed; absent for nothing. */
  notComputed?: readonly string[];
  /** See `Feed`. */
  isAlone: boolean;
  /** Whether a subscription replicates the table. */
  subscribed: boolean;
  /** Whether the table survives a crash. */
  logged: boolean;
}

/** A sequence of which the furthest row does not say where it can stand, and where to look for the first row. */
export interface FarRows {
  /** Of the standby. */
  oid: number;
  from: bigint;
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
  /** The first row from some value on; absent as long as nobody has looked. */
  ahead?: RowsAhead;
  /** Why a fed column's data was not looked at, what to do about it, and which columns these are. */
  dataNotChecked: { reason: string; remedy: string; columns?: readonly string[] } | null;
  reading: { position: Position } | { problem: NonNullable<PrimarySequence['problem']> };
}
