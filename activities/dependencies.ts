import type { BufferPolicy } from '../src/contract/buffer-policy.js';
import type { Notification } from '../src/contract/notification.js';
import type { Searchable } from '../src/contract/search-attributes.js';
import type { Attempt } from '../src/notification/post.js';
import type { Ledger } from '../src/ledger/ledger.js';
import type { Conninfo } from '../src/postgres/connection/conninfo.js';
import type { Endpoint } from '../src/postgres/endpoint.js';

/** The two databases of a pair, and the ledger of its runs. */
export interface Pair {
  primary: Endpoint;
  standby: Endpoint;
  /** Null if the worker keeps no ledger. */
  ledger: Ledger | null;
  /** The connection string with which the primary's server reaches the standby. Only a promotion needs it. */
  wayBack?: () => Promise<Conninfo>;
}

export interface PairRegistry {
  pairNames(): string[];
  /**
   * Returns the same pair each time. It connects to a server only when the pair is used.
   *
   * @throws UnknownPairError (src/config/pairs.ts), which names the known pairs
   * @throws InvalidConnectionError if a file that a URL names, such as sslrootcert, can no longer be read
   */
  resolve(pair: string): Pair;
}

/** As in pino: fields first, then the message. It removes the secrets of the configuration. */
type Write = (fields: Record<string, unknown>, message: string) => void;

/** The logger of activities. It has the form of pino's. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}

/** Sends notifications to a receiver outside. */
export interface Notifier {
  /** Posts one notification once. Never throws. */
  post(notification: Notification): Promise<Attempt>;
}

/** The objects that the worker passes to its activities. */
export interface Dependencies {
  pairs: PairRegistry;
  /** The buffer of a run whose input names none. */
  defaultBuffer: BufferPolicy;
  log: Log;
  /** Null or absent: no notifications. */
  notifier?: Notifier | null;
  /** The search attributes that runs may set. Never throws. Absent: none. */
  searchAttributes?: () => Promise<Searchable[]>;
}
