import type { Identity } from '../../steps/identity.js';
import type { ReplicationLag } from '../../steps/subscriptions.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

type LagRow = Omit<ReplicationLag, 'bytes' | 'decoded'> & {
  bytes: string | null;
  transactions: string | null;
  since: string | null;
} & Row;

/** The server_version_num from which PostgreSQL counts the transactions of each slot. */
const COUNTS_SINCE = 140000;

/** PostgreSQL resets pg_stat_bgwriter whenever it loses all statistics: pgstat_reset_after_failure in src/backend/utils/activity/pgstat.c. */
const counted = {
  columns: `total_txns::text AS transactions,
              concat_ws(' ', extract(epoch FROM s.stats_reset), (SELECT extract(epoch FROM stats_reset) FROM pg_stat_bgwriter)) AS since`,
  join: 'LEFT JOIN pg_stat_replication_slots s USING (slot_name)',
};
const notCounted = { columns: 'NULL AS transactions, NULL AS since', join: '' };

/** Returns one row for each name, in the order of the names. */
export async function readReplicationLag(
  primary: Endpoint,
  expected: Identity | null,
  slots: readonly string[],
): Promise<ReplicationLag[]> {
  const counts = expected !== null && (await primary.version(expected)) >= COUNTS_SINCE;
  const { columns, join } = counts ? counted : notCounted;
  const [rows = []] = await primary.read<LagRow>({ expected, locks: 0 }, [
    `SELECT wanted.slot, slot_name IS NOT NULL AS exists, coalesce(active, false) AS active,
              confirmed_flush_lsn::text AS "confirmedFlushLsn",
              greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint AS bytes,
              extract(epoch FROM replay_lag)::double precision AS seconds,
              ${columns}
       FROM unnest(${textArray(slots)}) WITH ORDINALITY AS wanted (slot, position)
       LEFT JOIN pg_replication_slots ON slot_name = wanted.slot AND slot_type = 'logical' AND database = current_database()
       ${join}
       LEFT JOIN pg_stat_replication ON pid = active_pid
       ORDER BY position`,
  ]);
  // greatest() ignores NULL.
  return rows.map(({ transactions, since, ...row }) => ({
    ...row,
    bytes: row.confirmedFlushLsn === null || row.bytes === null ? null : BigInt(row.bytes),
    ...(transactions === null || since === null ? {} : { decoded: { transactions, since } }),
  }));
}
