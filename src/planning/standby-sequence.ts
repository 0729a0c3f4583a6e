import type { ReadObstacle, ReadProblem } from '../steps/read-problem.js';
import type { RowsAhead, RowsChoice } from '../sequences/rows.js';
import type { ColumnLimit, ColumnType, Definition, Position } from '../sequences/sequence.js';

/** A column of the standby that a sequence feeds. */
export interface StandbyFeed {
  /** schema.table.column, quoted where any version needs it. */
  column: string;
  /** The oid of the table, and the number of the column. */
  oid: number;
  attnum: number;
  /** The name of the column, as in the catalog. */
  name: string;
  /** Whether the column takes the values unchanged; see `Feed`. */
  plain: boolean;
  via: 'identity' | 'default' | 'owned';
  /** An integer type or numeric; null for any other. */
  type: ColumnType['type'] | null;
  /** The domain of the column. Absent if its type is none. */
  domain?: string;
  /** The limits that a value has to be within. */
  limits: readonly ColumnLimit[];
  /** Descriptions of limits that could not be computed. Absent if there are none. */
  notComputed?: readonly string[];
  /** See `Feed`. */
  inheritedFrom?: string;
  /** Whether the default is on a view. Otherwise absent. */
  ofView?: true;
  /** See `Feed`. */
  isAlone: boolean;
  /** Whether a subscription replicates the table. */
  subscribed: boolean;
  /** Whether the table survives a crash. */
  logged: boolean;
}

/** A sequence whose target needs the first row from `from` on, since its furthest row alone does not decide it. */
export interface FirstRowRequest {
  /** Of the standby. */
  oid: number;
  from: bigint;
  /** If a person decided to ignore its rows: the primary's next value, which may be taken. Otherwise absent. */
  primaryNext?: bigint;
}

/** @param choice a person's decision about the rows; null if there is none */
export function requestFirstRow(
  oid: number,
  { from, primaryNext }: { from: bigint; primaryNext: bigint },
  choice: RowsChoice | null,
): FirstRowRequest {
  return choice === 'ignore' ? { oid, from, primaryNext } : { oid, from };
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
  /** The first row from a value on. Absent until it was read. */
  ahead?: RowsAhead;
  /** Why the data of fed columns could not be read, the remedy, and the columns. */
  dataNotChecked: (ReadObstacle & { columns?: readonly string[] }) | null;
  reading: { position: Position } | { problem: ReadProblem };
}

/** The limits of all columns that the sequence feeds. */
export function limitsOf({
  feeds: [feed, ...others],
}: Pick<StandbySequence, 'feeds'>): readonly ColumnLimit[] {
  if (feed === undefined) return [];
  return others.length === 0 ? feed.limits : [feed, ...others].flatMap(({ limits }) => limits);
}
