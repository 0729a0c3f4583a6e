import type { Identity } from '../../steps/identity.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';

/** A session that holds, or waits for, a lock that conflicts with the worker's. */
export interface Blocker {
  /** Of the server process; null for a prepared transaction. */
  pid: number | null;
  /** For instance AccessExclusiveLock. */
  mode: string;
}

/**
 * The lock modes that conflict with a lock: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES. A plain read
 * takes AccessShareLock; setval and pg_sequence_last_value take RowExclusiveLock.
 */
const conflictsWith = {
  read: ['AccessExclusiveLock'],
  set: ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'],
} as const;

/** Whether the relations are to be read or set. */
export type Purpose = keyof typeof conflictsWith;

/**
 * Finds which of the relations, or of their indexes, other sessions have locked or wait to lock, holders first: a lock request queues
 * behind those that are waiting already. It reads the lock table once, whatever the number of relations.
 */
export async function findBlockers(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
  purpose: Purpose,
): Promise<Map<number, Blocker>> {
  const rows = await endpoint.transaction({ access: 'read only', expected, locks: CATALOG_LOCKS }, (query) =>
    query<{ oid: string; pid: number | null; mode: string }>(blockersSql, [oids, conflictsWith[purpose]]),
  );
  return new Map(rows.map(({ oid, pid, mode }) => [Number(oid), { pid, mode }]));
}

const blockersSql = `
  SELECT DISTINCT ON (b.oid) b.oid::int8, b.pid, b.mode
  FROM (
    SELECT coalesce(i.indrelid, l.relation) AS oid, l.pid, l.mode, l.granted
    FROM pg_locks l LEFT JOIN pg_index i ON i.indexrelid = l.relation
    WHERE l.locktype = 'relation' AND l.mode = ANY ($2::text[])
      AND l.database = ${OID_OF_DATABASE}
  ) b
  WHERE b.oid = ANY ($1::oid[])
  ORDER BY b.oid, b.granted DESC`;

/** For example `locked by process 4711 (AccessExclusiveLock)`. */
export function describeBlocker({ pid, mode }: Blocker): string {
  return `locked by ${pid === null ? 'a prepared transaction' : `process ${pid}`} (${mode})`;
}

/** A command that shows the session that holds the lock. */
export function inspectBlocker({ pid }: Blocker): string {
  return pid === null
    ? 'SELECT * FROM pg_prepared_xacts;'
    : `SELECT * FROM pg_stat_activity WHERE pid = ${pid};`;
}
