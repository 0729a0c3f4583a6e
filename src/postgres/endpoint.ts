import type { Identity } from '../steps/identity.js';
import type { LockWaits } from './failures/lock-waits.js';

/** The database of an endpoint: a side of the pair, or the ledger if it is in another database. */
export type Side = 'primary' | 'standby' | 'ledger';

/** A row of a result, by the names of its columns. */
export type Row = Record<string, unknown>;

/** Runs statements inside a transaction. bigint columns arrive as decimal strings. */
export interface Query {
  /** One statement. */
  <R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Runs several statements without parameters in one round trip, and returns the rows of each. After one that fails, none of the others runs. */
  all<R extends Row = Row>(texts: readonly string[]): Promise<R[][]>;
  /** The same, and commits in the same round trip. No statement may follow. */
  last<R extends Row = Row>(texts: readonly string[]): Promise<R[][]>;
}

/** How a transaction runs. Times are in milliseconds. */
export interface TransactionOptions {
  access: 'read only' | 'read write';
  /** The identity of the server, which is checked in this session before the work runs. Null only when the identity is being read. */
  expected: Identity | null;
  /** The largest number of relation locks that the work takes. It waits until the lock budget of the side has room. */
  locks: number;
  lockTimeoutMs?: number;
  statementTimeoutMs?: number;
  /**
   * Statements without parameters that change nothing and run before the work, usually in the same round trip as BEGIN. At that time it is
   * not yet known whether this is the expected server. The work receives the rows of each.
   */
  first?: readonly string[];
  /** Use a new connection: the address may lead to another server than when the idle connections were made. */
  byNewConnection?: boolean;
}

/** The statements of a transaction. `first` are the rows of the statements in {@link TransactionOptions.first}. */
export type Work<T> = (query: Query, first: Row[][]) => Promise<T>;

/** The options of a read-only transaction whose statements are sent at once. */
export type ReadOptions = Omit<TransactionOptions, 'access' | 'first'>;

/** One database, reached by a pool of at most four connections. */
export interface Endpoint {
  readonly side: Side;
  /** The address for messages and records, without user, password and options. */
  readonly address: { host: string; port: number; database: string };
  /** The connections, which this endpoint shares with all that `withAffinity` returns. For comparisons. */
  readonly pool: object;
  /** The time for locks of other sessions that one step has on this side. Absent: each read or write has its own. */
  readonly lockWaits?: LockWaits;
  /** The most relation locks that one transaction may take: 500, or less on a small server. */
  locksPerTransaction(): Promise<number>;
  /** `server_version_num` of the expected server. */
  version(expected: Identity): Promise<number>;
  transaction<T>(options: TransactionOptions, work: Work<T>): Promise<T>;
  /**
   * Runs statements without parameters in a read-only transaction, usually in one round trip, and returns the rows of each. They run before
   * it is known whether this is the expected server; if it is not, their rows are dropped.
   *
   * @param repeated SELECT statements that come again within a minute: the session keeps their plans, where it can. They run after `texts`,
   * and their rows come after those of `texts`
   */
  read<R extends Row = Row>(
    options: ReadOptions,
    texts: readonly string[],
    repeated?: readonly string[],
  ): Promise<R[][]>;
  /**
   * The same database, preferably by the connection that was used with the same `affinity` before. A session caches the relations that it has read, and
   * filling this cache is most of the cost of reading them. With affinities, each session caches only a part of the database.
   */
  withAffinity(affinity: string): Endpoint;
  close(): Promise<void>;
}

/** Locks for the catalogs and indexes that one transaction reads: more than it takes. */
export const CATALOG_LOCKS = 50;
