import type { Identity } from '../../steps/identity.js';
import type { ReplicationLag } from '../../steps/subscriptions.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

type LagRow = Omit<ReplicationLag, 'bytes'> & { bytes: string | null } & Row;

/** Returns one row for each name, in the order of the names. */
export async function readReplicationLag(
  primary: Endpoint,
  expected: Identity | null,
  slots: readonly string[],
): Promise<ReplicationLag[]> {
  const [rows = []] = await primary.read<LagRow>({ expected, locks: 0 }, [
    `SELECT wanted.slot, slot_name IS NOT NULL AS exists, coalesce(active, false) AS active,
              confirmed_flush_lsn::text AS "confirmedFlushLsn",
              greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint AS bytes,
              extract(epoch FROM replay_lag)::double precision AS seconds
       FROM unnest(${textArray(slots)}) WITH ORDINALITY AS wanted (slot, position)
       LEFT JOIN pg_replication_slots ON slot_name = wanted.slot AND slot_type = 'logical' AND database = current_database()
       LEFT JOIN pg_stat_replication ON pid = active_pid
       ORDER BY position`,
  ]);
  // greatest() ignores NULL.
  return rows.map((row) => ({
    ...row,
    bytes: row.confirmedFlushLsn === null || row.bytes === null ? null : BigInt(row.bytes),
  }));
}
