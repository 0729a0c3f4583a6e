/** Which servers, which sequences and how far: what nearly every step is given. */
import type { BufferOverride, BufferPolicy } from '../contract/input.js';
import type { DecidedRows } from '../contract/status.js';
import type { MeasuredBuffers } from '../sequences/measured-buffer.js';

/** The two servers that a run began with. Every activity asserts them in the session that it uses. */
export interface Identity {
  systemIdentifier: string;
  /** pg_database.oid of the connected database. */
  databaseOid: string;
  database: string;
  /** What tells the two servers of a pair apart of which one is a copy of the other; absent where the rest does. */
  mark?: string;
}

export interface PairIdentity {
  pair: string;
  primary: Identity;
  standby: Identity;
}

/** A raw `[schema, name]`, ordered by the bytes of its UTF-8. */
export type RawName = [schema: string, name: string];

/** All sequences after `after`, up to and with `upTo`; null is open-ended. */
export interface PageRange {
  after: RawName | null;
  upTo: RawName | null;
}

export interface PageInput {
  identity: PairIdentity;
  range: PageRange;
}

/** Which sequences, and how far each shall be ahead. */
export interface Policy {
  include: string[];
  exclude: string[];
  buffer: BufferPolicy;
  overrides: BufferOverride[];
  /** What the last round measured, for later looks; absent while a round measures anew. */
  measured?: MeasuredBuffers;
  /** What was said at the gate about the rows of single sequences; absent for nothing. */
  decidedRows?: DecidedRows[];
}

export type { DecidedRows };

/** The workflow that holds a pair's lock, by the first run of its continue-as-new chain. */
export interface LockHolder {
  workflowId: string;
  runId: string;
}
