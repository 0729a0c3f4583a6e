import type { Identity } from '../../steps/identity.js';
import { CATALOG_LOCKS, type Endpoint, type Row } from '../endpoint.js';
import type { Blocker } from '../failures/blockers.js';
import { OID_OF_DATABASE } from '../this-database.js';

/**
 * The sequences of the connected database that another session, or a prepared transaction, is changing, by oid. An open ALTER SEQUENCE has a
 * position that nobody else can read: a reading returns the one from before. It takes a ShareRowExclusiveLock, which no reading waits for:
 * https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
 */
export async function readLocked(endpoint: Endpoint, expected: Identity): Promise<Map<number, Blocker>> {
  const [rows = []] = await endpoint.read<LockRow>({ expected, locks: CATALOG_LOCKS }, [lockedSql]);
  return new Map(rows.map(({ oid, pid, mode }) => [Number(oid), { pid, mode }]));
}

interface LockRow extends Row {
  oid: string;
  pid: number | null;
  mode: string;
}

const lockedSql = `
  SELECT l.relation::int8 AS oid, l.pid, l.mode
  FROM (
    SELECT l.relation, l.pid, l.mode FROM pg_locks l
    WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
      AND l.mode IN ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      AND l.database = ${OID_OF_DATABASE}
    OFFSET 0
  ) l
  CROSS JOIN LATERAL (SELECT FROM pg_class c WHERE c.oid = l.relation AND c.relkind = 'S' OFFSET 0) c`;
