import { REVERSED } from './pair-name.js';

/** The ID of the workflow that locks a pair, the same for both directions. A run must hold the lock before it writes to the pair. */
export function lockWorkflowId(pair: string): string {
  const name = pair.startsWith(REVERSED) ? pair.slice(REVERSED.length) : pair;
  return `${RESERVED_PREFIX}lock/${name}`;
}

/** What identifies a database for its lock. */
export interface LockedDatabase {
  /** Of pg_control_system(). A copy of a server's files has the same. */
  systemIdentifier: string;
  databaseOid: string;
  /** The name. It distinguishes databases that a server and its copy have created under the same oid. */
  database: string;
  /** The address and port on which the server accepts connections, which distinguish a server from its copies; null if they are not known. */
  acceptedAt: string | null;
}

/** The ID of the workflow that locks a database for a promotion, whatever the pair's name is. It stays the same if the server restarts. */
export function databaseLockId({
  systemIdentifier,
  databaseOid,
  database,
  acceptedAt,
}: LockedDatabase): string {
  const parts = [database, ...(acceptedAt === null ? [] : [acceptedAt.replace(' ', ':')])];
  return `${DATABASE_LOCK}${systemIdentifier}/${databaseOid}/${parts.map(encodeURIComponent).join('/')}`;
}

/**
 * The ID in earlier versions: it changed when the server was restarted.
 *
 * @param startedAt when the server was started; null if it is not known
 */
export function earlierDatabaseLockId(
  { systemIdentifier, databaseOid }: Pick<LockedDatabase, 'systemIdentifier' | 'databaseOid'>,
  startedAt: string | null,
): string {
  const server = startedAt === null ? systemIdentifier : `${systemIdentifier}/${startedAt}`;
  return `${DATABASE_LOCK}${server}/${databaseOid}`;
}

/** A handoff may not use workflow IDs with this prefix. */
export const RESERVED_PREFIX = 'sequence-failover/';

const DATABASE_LOCK = `${RESERVED_PREFIX}promotion-lock/`;
