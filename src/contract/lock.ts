import { REVERSED } from './pair-name.js';

/** The ID of the workflow that locks a pair, the same for both directions. A run must hold the lock before it writes to the pair. */
export function lockWorkflowId(pair: string): string {
  const name = pair.startsWith(REVERSED) ? pair.slice(REVERSED.length) : pair;
  return `${RESERVED_PREFIX}lock/${name}`;
}

/**
 * The ID of the workflow that locks a database for a promotion, whatever the pair's name is. `databaseOid` and the `systemIdentifier` of
 * pg_control_system() tell databases apart, except copies of a server's files.
 */
export function databaseLockId({
  systemIdentifier,
  databaseOid,
}: {
  systemIdentifier: string;
  databaseOid: string;
}): string {
  return `${RESERVED_PREFIX}promotion-lock/${systemIdentifier}/${databaseOid}`;
}

/** A handoff may not use workflow IDs with this prefix. */
export const RESERVED_PREFIX = 'sequence-failover/';
