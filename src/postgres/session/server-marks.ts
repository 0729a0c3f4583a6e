import type { Identity } from '../../steps/identity.js';
import type { Row } from '../endpoint.js';

/** What two servers can differ in that share a system identifier, since one began as a copy of the other's files. */
export interface ServerMarks extends Row {
  /** A copy that was promoted is on another timeline than its original. Null in recovery. */
  timeline: string | null;
  /** One that was merely started is not; then only the times of their starts differ. */
  start: string;
}

/** One row of {@link ServerMarks}. https://www.postgresql.org/docs/current/functions-admin.html: a WAL file's name begins with its timeline. */
export const marksSql = `
  SELECT CASE WHEN NOT pg_is_in_recovery() THEN 'timeline ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS timeline,
         'started at ' || to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS start`;

/** Of the kind that `mark` is. */
export function likewise(mark: string, { timeline, start }: ServerMarks): string {
  return mark.startsWith('timeline') ? (timeline ?? 'in recovery') : start;
}

/** Whether two sessions are in one database, as far as identities tell. */
export function isSameIdentity(one: Identity, other: Identity): boolean {
  return (
    one.systemIdentifier === other.systemIdentifier &&
    one.databaseOid === other.databaseOid &&
    one.database === other.database &&
    one.mark === other.mark
  );
}
