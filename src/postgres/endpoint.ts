import type { Identity } from '../contract/steps.js';

export type Side = 'primary' | 'standby' | 'ledger';

export type Row = Record<string, unknown>;

/** Runs statements inside a transaction. bigint columns arrive as decimal strings. */
export interface Query {
  /** One statement. */
  <R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Several, without parameters, in one round trip: the rows of each. The first that fails keeps those after it from being run. */
  all<R extends Row = Row>(texts: readonly string[]): Promise<R[][]>;
}

export interface TransactionOptions {
  access: 'read only' | 'read write';
  /** Asserted in this very session before anything else runs; null only where the identity is being learnt. */
  expected: Identity | null;
  /** How many relation locks the work takes at most; it waits until the side's lock budget has room. */
  locks: number;
  lockTimeoutMs?: number;
  statementTimeoutMs?: number;
}

/** One database, reached by a pool of at most four connections. */
export interface Endpoint {
  readonly side: Side;
  /** For messages and records; holds no user, password or option. */
  readonly address: { host: string; port: number; database: string };
  /** The most relation locks that one transaction may take: 500, or less on a small server. */
  locksPerTransaction(): Promise<number>;
  transaction<T>(options: TransactionOptions, work: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
