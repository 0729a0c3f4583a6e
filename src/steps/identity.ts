/** The servers, the sequences and the buffer: nearly every step takes these as input. */
import type { BufferOverride, BufferPolicy } from '../contract/input.js';
import type { DecidedRows } from '../contract/gate.js';
import type { MeasuredBuffers } from '../sequences/measured-buffer.js';

/** A database on a server. Every activity checks it in the session that it uses. */
export interface Identity {
  systemIdentifier: string;
  /** pg_database.oid of the connected database. */
  databaseOid: string;
  database: string;
  /** Tells a server from its copy; absent if the other fields already differ. */
  mark?: string;
}

/** The part of an identity by which the ledger's rows are found. A database may be renamed, so its name is left out. */
export function serverJson({ systemIdentifier, databaseOid }: Identity): string {
  return JSON.stringify({ systemIdentifier, databaseOid });
}

/** The two databases of a pair, as they were when the run began. */
export interface PairIdentity {
  pair: string;
  primary: Identity;
  standby: Identity;
}

/** An unquoted `[schema, name]`, ordered by the bytes of its UTF-8. */
export type RawName = [schema: string, name: string];

/** All sequences after `after`, up to and including `upTo`; null means no limit. */
export interface PageRange {
  after: RawName | null;
  upTo: RawName | null;
}

/** A page of the sequences of a pair. */
export interface PageInput {
  identity: PairIdentity;
  range: PageRange;
}

/** Which sequences to move, and how far ahead. */
export interface Policy {
  include: string[];
  exclude: string[];
  buffer: BufferPolicy;
  overrides: BufferOverride[];
  /** The buffers that the last round measured, for later rechecks; absent while a round measures them again. */
  measured?: MeasuredBuffers;
  /** The decisions at the gate about the rows of single sequences; absent if there are none. */
  decidedRows?: DecidedRows[];
}

/** The workflow that holds a pair's lock, identified by the first run of its continue-as-new chain. */
export interface LockHolder {
  workflowId: string;
  runId: string;
}
