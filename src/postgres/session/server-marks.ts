import type { Identity } from '../../steps/identity.js';
import type { Row } from '../endpoint.js';

/** Differences between two servers with the same system identifier, one of which began as a copy of the other's files. */
export interface ServerMarks extends Row {
  /** A copy that was promoted has another timeline than its original. Null in recovery. */
  timeline: string | null;
  /** A copy that was only started has the same timeline; then only the start times differ. */
  start: string;
}

/** One row of {@link ServerMarks}. https://www.postgresql.org/docs/current/functions-admin.html: a WAL file's name begins with its timeline. */
export const marksSql = `
  SELECT CASE WHEN NOT pg_is_in_recovery() THEN 'timeline ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS timeline,
         'started at ' || to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS start`;

/** The mark of the same kind as `mark`. */
export function markOfSameKind(mark: string, { timeline, start }: ServerMarks): string {
  return mark.startsWith('timeline') ? (timeline ?? 'in recovery') : start;
}

/** Whether two sessions seem to be in one database, by their identities. */
export function isSameIdentity(one: Identity, other: Identity): boolean {
  return (
    one.systemIdentifier === other.systemIdentifier &&
    one.databaseOid === other.databaseOid &&
    one.database === other.database &&
    one.mark === other.mark
  );
}
