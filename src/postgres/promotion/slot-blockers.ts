import type { Identity } from '../../steps/identity.js';
import type { SlotBlocker } from '../../steps/slot-blocker.js';
import type { Endpoint, Row } from '../endpoint.js';

const timeOf = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/**
 * The open transactions of all databases that have written, the oldest first. A slot begins where none of those is open that were open
 * before: https://www.postgresql.org/docs/current/logicaldecoding-explanation.html
 *
 * @param forSeconds only those that are at least this old
 */
export async function readSlotBlockers(
  standby: Endpoint,
  expected: Identity,
  forSeconds = 0,
): Promise<SlotBlocker[]> {
  // A role without pg_read_all_stats does not see since when.
  const ofAge = forSeconds === 0 ? '' : `WHERE since <= clock_timestamp() - interval '${forSeconds} seconds'`;
  const [rows = []] = await standby.read<SlotBlocker & Row>({ expected, locks: 0 }, [
    `SELECT pid, gid, role, application, database, coalesce(${timeOf('since')}, '?') AS since, background,
            coalesce(floor(extract(epoch FROM clock_timestamp() - since)), 0)::int AS seconds FROM (
       SELECT pid, NULL::text AS gid, coalesce(usename::text, backend_type, '?') AS role, coalesce(application_name, '') AS application,
              coalesce(datname::text, '?') AS database, xact_start AS since, coalesce(backend_type <> 'client backend', false) AS background
       FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
       UNION ALL SELECT NULL, gid, owner::text, '', database::text, prepared, false FROM pg_prepared_xacts) AS open
     ${ofAge} ORDER BY open.since NULLS LAST, pid LIMIT 20`,
  ]);
  return rows;
}
