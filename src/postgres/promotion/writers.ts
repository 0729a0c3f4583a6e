import { escapeLiteral } from 'pg';
import type { Identity } from '../../steps/identity.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';
import { READ_ONLY_BY_DEFAULT } from './fence-state.js';

/** A session of the primary's database that could write. */
export interface Writer extends Row {
  pid: number;
  role: string;
  application: string;
  /** Whether it has written in its present transaction. */
  writing: boolean;
}

/**
 * The sessions that a fence leaves alone: this worker's own, those that send WAL, autovacuum (its writes are not replicated), the workers
 * of a parallel query, which end with their leader, and those of the excepted roles. A session of the replication protocol can run SQL, too:
 * one that has written counts.
 */
const others = (except: readonly string[]) => `
  FROM pg_stat_activity AS activity LEFT JOIN pg_roles ON pg_roles.oid = usesysid
  WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND coalesce(backend_type, 'client backend') NOT IN ('autovacuum worker', 'parallel worker')
    AND NOT (coalesce(backend_type, 'client backend') = 'walsender' AND backend_xid IS NULL)
    AND NOT (usename = current_user AND application_name = current_setting('application_name'))
    AND NOT coalesce(usename = ANY (${textArray(except)}), false)`;

/** A session counts as a writer if it began before the fence, and so has the old defaults, or if it has written. */
const couldWrite = (before: string) =>
  `(backend_start <= ${escapeLiteral(before)}::timestamptz OR backend_start IS NULL OR backend_xid IS NOT NULL)`;

/** Whether the worker's role may end the session. Only a superuser may end those of superusers, and processes without a role. */
const mayEnd =
  '(SELECT mine.rolsuper OR pg_roles.rolsuper IS FALSE FROM pg_roles AS mine WHERE mine.rolname = current_user)';

/**
 * The server's clock, read after everything that was committed before this call.
 *
 * @param beforeMs how long before the present time, in milliseconds
 */
export async function readClock(endpoint: Endpoint, expected: Identity, beforeMs = 0): Promise<string> {
  const time = `clock_timestamp() - ${beforeMs} * interval '1 millisecond'`;
  const [[row] = []] = await endpoint.read<{ now: string }>({ expected, locks: 0 }, [
    `SELECT to_char((${time}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USOF') AS now`,
  ]);
  if (row === undefined) throw new Error(`The ${endpoint.side} returned no row for its clock.`);
  return row.now;
}

/** The sessions that a fence would end. */
export async function countSessions(
  primary: Endpoint,
  expected: Identity,
  except: readonly string[],
): Promise<number> {
  const [[row] = []] = await primary.read<{ count: number }>({ expected, locks: 0 }, [
    `SELECT count(*)::integer AS count ${others(except)}`,
  ]);
  return row?.count ?? 0;
}

/** The sessions of the primary that could still write. */
export interface Writers {
  listed: Writer[];
  /** Processes of sessions that are being started. Sessions that start after the first query have the new settings. */
  beginning: number[];
}

/**
 * Processes of sessions that are being started. Each holds a lock on the database until it is listed in pg_stat_activity, and may have read the
 * settings already.
 */
const beginningSql = `
  SELECT pid FROM pg_locks
  WHERE locktype = 'object' AND classid = 'pg_database'::regclass AND mode = 'RowExclusiveLock' AND granted
    AND objid = ${OID_OF_DATABASE}
    AND pid NOT IN (SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL) AND pid <> pg_backend_pid()`;

/**
 * The sessions that could still write.
 *
 * @param before the time when the fence stood, by the server's clock
 * @param end whether to end them, as far as the worker's role may. An attempt that comes after the fence was lifted ends none
 */
export async function findWriters(
  primary: Endpoint,
  expected: Identity,
  { before, except, end }: { before: string; except: readonly string[]; end: boolean },
): Promise<Writers> {
  const [beginning = [], listed = []] = await primary.read({ expected, locks: 0 }, [
    beginningSql,
    `SELECT pid, coalesce(usename::text, backend_type, '?') AS role, coalesce(application_name, '') AS application,
            backend_xid IS NOT NULL AS writing${end ? `, CASE WHEN ${mayEnd} AND ${READ_ONLY_BY_DEFAULT} THEN pg_terminate_backend(pid) END AS ended` : ''}
     ${others(except)} AND ${couldWrite(before)}
     ORDER BY pid`,
  ]);
  return {
    listed: listed as Writer[],
    beginning: (beginning as Pick<Writer, 'pid'>[]).map(({ pid }) => pid),
  };
}

/**
 * Ends the sessions of applications that began between two times, as far as the worker's role may end them. The worker's own stay.
 *
 * @param between the first and the last time, by the server's clock
 * @returns the processes of sessions that are being started. They may belong to this time, and are not listed yet
 */
export async function endSessionsBegun(
  endpoint: Endpoint,
  expected: Identity,
  [first, last]: readonly [string, string],
): Promise<number[]> {
  const [beginning = []] = await endpoint.read<{ pid: number }>({ expected, locks: 0 }, [
    beginningSql,
    `SELECT pg_terminate_backend(pid)
     FROM pg_stat_activity AS activity JOIN pg_roles ON pg_roles.oid = usesysid
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
       AND NOT (usename = current_user AND application_name = current_setting('application_name'))
       AND backend_start BETWEEN ${escapeLiteral(first)}::timestamptz AND ${escapeLiteral(last)}::timestamptz
       AND ${mayEnd}`,
  ]);
  return beginning.map(({ pid }) => pid);
}

/** The prepared transactions of this database. Whoever commits one writes in spite of the fence. */
export async function readPrepared(primary: Endpoint, expected: Identity): Promise<string[]> {
  const [rows = []] = await primary.read<{ gid: string }>({ expected, locks: 0 }, [
    'SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared',
  ]);
  return rows.map(({ gid }) => gid);
}
