import { REVERSED } from './pair-name.js';

/** The ID of the workflow that locks a pair, the same for both directions. A run must hold the lock before it writes to the pair. */
export function lockWorkflowId(pair: string): string {
  const name = pair.startsWith(REVERSED) ? pair.slice(REVERSED.length) : pair;
  return `${RESERVED_PREFIX}lock/${name}`;
}

/** A database of a server that is running. */
export interface LockedDatabase {
  /** Of pg_control_system(). A copy of a server's files has the same. */
  systemIdentifier: string;
  databaseOid: string;
  /** When the server was started, which tells it from a copy. Null if it is not known: then copies share their locks. */
  startedAt: string | null;
}

/** The ID of the workflow that locks a database for a promotion, whatever the pair's name is. */
export function databaseLockId({ systemIdentifier, startedAt, databaseOid }: LockedDatabase): string {
  const server = startedAt === null ? systemIdentifier : `${systemIdentifier}/${startedAt}`;
  return `${RESERVED_PREFIX}promotion-lock/${server}/${databaseOid}`;
}

/** A handoff may not use workflow IDs with this prefix. */
export const RESERVED_PREFIX = 'sequence-failover/';
