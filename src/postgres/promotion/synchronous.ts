import type { Identity } from '../../steps/identity.js';
import type { SynchronousNeed } from '../../steps/synchronous-need.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';

/** A subscription for which the commits of the primary wait. */
export interface SynchronousRow extends Row {
  /** Its name in the setting, quoted where SQL needs it. */
  name: string;
  /** The primary's synchronous_standby_names. */
  setting: string;
}

/**
 * The receivers of these slots for which commits on the primary wait, and without which they would have nobody to wait for. One that is `potential`
 * is left out, and one of a quorum that has other members:
 * https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
 */
export async function readSynchronous(
  primary: Endpoint,
  expected: Identity,
  slots: readonly string[],
): Promise<SynchronousRow[]> {
  const [rows = []] = await primary.read<SynchronousRow>({ expected, locks: 0 }, [
    `SELECT DISTINCT quote_ident(r.application_name) AS name, current_setting('synchronous_standby_names') AS setting
     FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid
     WHERE s.slot_name = ANY (${textArray(slots)}) AND (r.sync_state = 'sync' OR r.sync_state = 'quorum' AND NOT EXISTS (
       SELECT FROM pg_stat_replication other LEFT JOIN pg_replication_slots o ON o.active_pid = other.pid
       WHERE other.sync_state = 'quorum' AND other.pid <> r.pid AND (o.slot_name = ANY (${textArray(slots)})) IS NOT TRUE)) ORDER BY 1`,
  ]);
  return rows;
}

/** How many of the roles whose commits wait are named. */
const NAMED = 5;

/** In the setting `ANY 2 (a, b)`, `FIRST 2 (a, b)` or `2 (a, b)` it is 2, and in `a, b` 1. */
const needed = String.raw`coalesce(substring(setting FROM '(?i)^\s*(?:(?:any|first)\s*)?(\d+)\s*\(')::int, 1)`;

/**
 * The login roles that may connect to this database, with their own setting of synchronous_commit there. A more specific setting replaces a general
 * one: https://www.postgresql.org/docs/current/sql-alterrole.html. The server's own value is not known to a session that has a setting of its
 * role or database; then the default of PostgreSQL counts, by which commits wait.
 */
const settings = `
  WITH given AS (
    SELECT setdatabase AS db, setrole AS role, lower(split_part(one, '=', 2)) AS value
    FROM pg_db_role_setting, unnest(setconfig) AS one
    WHERE lower(split_part(one, '=', 1)) = 'synchronous_commit' AND setdatabase IN (0, ${OID_OF_DATABASE})
  ), server AS (
    SELECT CASE WHEN EXISTS (SELECT FROM given WHERE role IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))) THEN 'on' ELSE reset_val END AS value
    FROM pg_settings WHERE name = 'synchronous_commit'
  ), login AS (
    SELECT rolname, coalesce(
      (SELECT value FROM given WHERE role = r.oid ORDER BY db DESC LIMIT 1),
      (SELECT value FROM given WHERE role = 0 ORDER BY db DESC LIMIT 1),
      (SELECT value FROM server)) AS value
    FROM pg_roles r WHERE rolcanlogin AND has_database_privilege(r.oid, current_database(), 'CONNECT')
  ), waiting AS (
    SELECT rolname FROM login WHERE value NOT IN ('off', 'local', 'false', 'no', '0')
  )`;

/**
 * Returns a row if commits of a role on this server wait for synchronous standbys of which too few are connected. `potential` ones take the place of
 * one that leaves: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES
 */
export async function readSynchronousNeed(
  endpoint: Endpoint,
  expected: Identity,
): Promise<SynchronousNeed[]> {
  const [rows = []] = await endpoint.read<SynchronousNeed & Row>({ expected, locks: 0 }, [
    `${settings}
     SELECT *, (SELECT count(*)::int FROM waiting) AS waiting, (SELECT count(*)::int FROM login) AS roles,
            ARRAY(SELECT quote_ident(rolname) FROM waiting ORDER BY rolname LIMIT ${NAMED}) AS named
     FROM (
       SELECT setting, ${needed} AS needed,
              (SELECT count(*)::int FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) AS present
       FROM (SELECT current_setting('synchronous_standby_names') AS setting OFFSET 0) AS server WHERE setting ~ '\\S') AS need
     WHERE present < needed AND EXISTS (SELECT FROM waiting)`,
  ]);
  return rows;
}
