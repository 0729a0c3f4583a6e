import type { Identity } from '../../steps/identity.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

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
