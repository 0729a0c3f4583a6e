import type { BufferPolicy } from '../src/contract/buffer-policy.js';
import type { Notification } from '../src/contract/notification.js';
import type { Searchable } from '../src/contract/search-attributes.js';
import type { Attempt } from '../src/notification/post.js';
import type { Ledger } from '../src/ledger/ledger.js';
import type { Conninfo } from '../src/postgres/connection/conninfo.js';
import type { Endpoint } from '../src/postgres/endpoint.js';

/** The two databases of a pair, and where its runs are recorded. */
export interface Pair {
  primary: Endpoint;
  standby: Endpoint;
  /** Null when the worker keeps no ledger. */
  ledger: Ledger | null;
  /** By which connection string the primary's server reaches the standby; only a promotion asks. */
  wayBack?: () => Promise<Conninfo>;
}

export interface PairRegistry {
  pairNames(): string[];
  /**
   * The same pair each time; nothing is connected before it is used.
   * @throws UnknownPairError (src/config/pairs.ts) naming the pairs that are known
   * @throws InvalidConnectionError when a file that a URL names, such as sslrootcert, cannot be read any more
   */
  resolve(pair: string): Pair;
}

/** As pino's: fields first, then the message. It scrubs the configuration's secrets. */
type Write = (fields: Record<string, unknown>, message: string) => void;

/** Where activities log. pino has this form. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}

/** Tells somebody outside what a run does. */
export interface Notifier {
  /** Posts it once. Never throws. */
  post(notification: Notification): Promise<Attempt>;
}

/** What the activities are given by the worker that runs them. */
export interface Dependencies {
  pairs: PairRegistry;
  /** What a run that names no buffer gets. */
  defaultBuffer: BufferPolicy;
  log: Log;
  /** Null or absent: nobody is notified. */
  notifier?: Notifier | null;
  /** Which search attributes runs may set. Never throws. Absent: none. */
  searchAttributes?: () => Promise<Searchable[]>;
}
