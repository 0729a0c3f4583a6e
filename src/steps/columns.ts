/** A column by its raw names. */
export interface ColumnName {
  schema: string;
  table: string;
  column: string;
}

/** A column as one server has it. Names are quoted. */
export interface ColumnOnServer {
  /** pg_class.relkind: r (table), p (partitioned), f (foreign), v (view). */
  relkind: string;
  /** Of the table. */
  owner: string;
  isIdentity: boolean;
  hasDefault: boolean;
  /** What the worker's role holds on it. */
  schemaUsage: boolean;
  maySelect: boolean;
  /** The sequences that it takes values from, or that ALTER SEQUENCE … OWNED BY ties to it; a serial column has both of its one. */
  feeders: {
    sequence: string;
    via: 'identity' | 'default' | 'owned';
    /** Of the sequence. */
    oid?: number;
  }[];
}

/** What a remedy has to know of a side. Names are quoted, unless they are keys. */
export interface SideFacts {
  /** The worker's. */
  role: string;
  isSuperuser: boolean;
  /** The schemas that exist, of those that were asked for, by their raw names. */
  schemas: ReadonlyMap<string, { usage: boolean }>;
  /** The sequences that exist, of those that were asked for, by their quoted names. */
  sequences: ReadonlySet<string>;
  /** The roles that exist, of those that were asked for; absent where none was. */
  roles?: ReadonlySet<string>;
  /** By the quoted name. */
  columns: ReadonlyMap<string, ColumnOnServer>;
}

/** Privileges that one role holds, as GRANT names them. */
export interface RoleGrant {
  grantee: string;
  privileges: readonly string[];
  grantable: boolean;
}

/** What the primary's catalog says of a sequence besides what every page holds. Names are quoted. */
export interface SequenceOrigin {
  /** smallint, integer or bigint. */
  type: string;
  start: string;
  /** The column that owns it. */
  ownedBy: string | null;
  /** The role. */
  owner: string;
  /** What other roles may do with it, or `PUBLIC`. */
  grants: readonly RoleGrant[];
  /** Who may use its schema. */
  schemaUsers: readonly string[];
  /** Columns that take values from it, by their quoted names, each with the default where that is more than its nextval. */
  feeds: ReadonlyMap<string, { expression: string | null }>;
}
