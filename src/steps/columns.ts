/** A column by its unquoted names. */
export interface ColumnName {
  schema: string;
  table: string;
  column: string;
}

/** A column as it is on one server. Names are quoted. */
export interface ColumnOnServer {
  /** pg_class.relkind: r (table), p (partitioned), f (foreign), v (view). */
  relkind: string;
  /** The owner of the table. */
  owner: string;
  isIdentity: boolean;
  hasDefault: boolean;
  /** If it is a generated column, to which nobody can write. Otherwise absent. */
  generated?: 'stored' | 'virtual';
  /**
   * The triggers of the table, or of its partitions, that may give it a value: BEFORE INSERT, for each row, enabled. Absent if there are
   * none.
   */
  insertTriggers?: readonly string[];
  /** If it is of an integer type, also through a domain. Otherwise absent. */
  type?: 'int2' | 'int4' | 'int8';
  /** Whether the worker's role may use the schema of the table. */
  schemaUsage: boolean;
  /** Whether the worker's role may read the table. */
  maySelect: boolean;
  /**
   * The sequences that feed the column: those that its default calls, and those that are OWNED BY it. For a serial column both are the same
   * one.
   */
  feeders: {
    sequence: string;
    via: 'identity' | 'default' | 'owned';
    /** The oid of the sequence on its own server. Absent in reports of workers of an earlier release. */
    oid?: number;
  }[];
}

/** The facts about a side that a remedy needs. Names are quoted, except for keys. */
export interface SideFacts {
  /** The worker's role. */
  role: string;
  isSuperuser: boolean;
  /** The requested schemas that exist, by their unquoted names. */
  schemas: ReadonlyMap<string, { usage: boolean }>;
  /** The requested sequences that exist, by their quoted names. */
  sequences: ReadonlySet<string>;
  /** The requested roles that exist; absent if none was requested. */
  roles?: ReadonlySet<string>;
  /** By the quoted name. */
  columns: ReadonlyMap<string, ColumnOnServer>;
}

/** The privileges of one role, with their names in GRANT. */
export interface RoleGrant {
  grantee: string;
  privileges: readonly string[];
  grantable: boolean;
}

/** Facts from the primary's catalog about a sequence that the pages do not carry. Names are quoted. */
export interface SequenceOrigin {
  /** smallint, integer or bigint. */
  type: string;
  start: string;
  /** The column that owns it. */
  ownedBy: string | null;
  /** The role that owns it. */
  owner: string;
  /** The privileges of other roles, or of `PUBLIC`. */
  grants: readonly RoleGrant[];
  /** The role that owns its schema; null if it is not known. */
  schemaOwner: string | null;
  /** The other roles that may use its schema. */
  schemaUsers: readonly string[];
  /** The columns that it feeds, by their quoted names. */
  feeds: ReadonlyMap<string, FeedDefault>;
}

/**
 * The default of a column that takes its values from a sequence: `plain` if it is nextval of the sequence, or the text of one that is more,
 * in the form of `pg_get_expr`; `unknown` if it could not be read.
 */
export type FeedDefault = 'plain' | 'unknown' | { text: string };
