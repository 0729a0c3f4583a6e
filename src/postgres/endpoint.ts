import type { Identity } from '../steps/identity.js';

export type Side = 'primary' | 'standby' | 'ledger';

export type Row = Record<string, unknown>;

/** Runs statements inside a transaction. bigint columns arrive as decimal strings. */
export interface Query {
  /** One statement. */
  <R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Several, without parameters, in one round trip: the rows of each. The first that fails keeps those after it from being run. */
  all<R extends Row = Row>(texts: readonly string[]): Promise<R[][]>;
  /** Likewise, and commits in the same round trip: nothing may come after. */
  last<R extends Row = Row>(texts: readonly string[]): Promise<R[][]>;
}

export interface TransactionOptions {
  access: 'read only' | 'read write';
  /** Asserted in this very session before anything else runs; null only where the identity is being learnt. */
  expected: Identity | null;
  /** How many relation locks the work takes at most; it waits until the side's lock budget has room. */
  locks: number;
  lockTimeoutMs?: number;
  statementTimeoutMs?: number;
  /**
   * Statements without parameters that change nothing and come before the work, as a rule in the round trip of the beginning: not yet
   * known to be on the expected server. The work is given the rows of each.
   */
  first?: readonly string[];
  /** By a connection that is made for it: an address may lead elsewhere by now than it did when the idle ones were made. */
  byNewConnection?: boolean;
}

export type Work<T> = (query: Query, first: Row[][]) => Promise<T>;

export type ReadOptions = Omit<TransactionOptions, 'access' | 'first'>;

/** One database, reached by a pool of at most four connections. */
export interface Endpoint {
  readonly side: Side;
  /** For messages and records; holds no user, password or option. */
  readonly address: { host: string; port: number; database: string };
  /** The most relation locks that one transaction may take: 500, or less on a small server. */
  locksPerTransaction(): Promise<number>;
  /** server_version_num of the expected server. */
  version(expected: Identity): Promise<number>;
  transaction<T>(options: TransactionOptions, work: Work<T>): Promise<T>;
  /**
   * A read-only transaction of statements without parameters, as a rule in one round trip: the rows of each. They are run before it is
   * known that this is the expected server, and what they answered is dropped where it is not.
   */
  read<R extends Row = Row>(options: ReadOptions, texts: readonly string[]): Promise<R[][]>;
  /**
   * The same database, by way of the connection that was used for the topic before, if that is free. A session keeps what it has learnt
   * of a relation, which is most of what a look at it costs; and each that looks at another part of the database keeps little.
   */
  about(topic: string): Endpoint;
  close(): Promise<void>;
}

/** Locks for the catalogs and indexes that one transaction reads: more than it takes. */
export const catalogLocks = 50;
