import type { Row } from '../endpoint.js';
import type { LockSettings } from './lock-budget.js';

/** Facts about the server, read at the beginning of each transaction. */
export interface Greeting {
  systemIdentifier: string;
  /** server_version_num. */
  version: number;
  lockTable: LockSettings;
  /** The largest number of sessions that the server allows the role in this database; null if there is no limit. */
  connectionLimit: number | null;
}

/** The result of the first round trip of a transaction. */
export interface Opening {
  greeting: Greeting;
  /** The rows of each statement that was sent with it. */
  answers: Row[][];
}
