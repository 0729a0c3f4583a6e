import type { Identity } from '../../steps/identity.js';
import type { Subscription } from '../../steps/subscriptions.js';
import type { Endpoint, Row } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';

type SubscriptionRow = Omit<Subscription, 'notReady' | 'sequences' | 'worker'> & {
  notReadyCount: number;
  notReadyTables: { table: string; state: string }[];
  sequenceCount: number;
  pendingCount: number;
  pendingNames: string[];
  pid: number | null;
  receivedLsn: string | null;
} & Row;

/** All subscriptions of the connected database, ordered by name. */
export async function readSubscriptions(
  endpoint: Endpoint,
  expected: Identity | null,
): Promise<Subscription[]> {
  const [rows = []] = await endpoint.read({ expected, locks: 0 }, [subscriptionsSql]);
  return toSubscriptions(rows);
}

/**
 * Needs no privilege. subconninfo needs one, and before PostgreSQL 14 oid does too, so both are left out. The oid comes from the view
 * pg_stat_subscription, which has all databases: if several databases use a name, the tables or the worker show which row belongs to this one.
 *
 * From PostgreSQL 19 on, pg_subscription_rel also holds sequences. In pg_stat_subscription, leader_pid exists from 16 on (parallel workers
 * have rows of their own), and worker_type from 17 on. A worker that copies sequences has no relid, like the apply worker.
 */
export const subscriptionsSql = `WITH subscription AS (
         SELECT subname, subenabled, subslotname, subpublications, (
                  SELECT subid FROM pg_stat_subscription AS activity
                  WHERE activity.subname = mine.subname AND (
                    NOT EXISTS (SELECT FROM pg_subscription AS other WHERE other.subname = mine.subname AND other.subdbid <> mine.subdbid)
                    OR EXISTS (SELECT FROM pg_subscription_rel WHERE srsubid = subid)
                    OR EXISTS (SELECT FROM pg_stat_activity AS worker WHERE worker.pid = activity.pid AND datid = mine.subdbid)
                  )
                  LIMIT 1
                ) AS oid
         FROM pg_subscription AS mine WHERE subdbid = ${OID_OF_DATABASE}
       ), relation AS (
         SELECT srsubid, srsubstate, srsublsn, srrelid, relnamespace, relname, relkind IS NOT DISTINCT FROM 'S' AS is_sequence
         FROM pg_subscription_rel LEFT JOIN pg_class ON pg_class.oid = srrelid
       ), state AS (
         SELECT srsubid, (count(*) FILTER (WHERE NOT is_sequence))::integer AS tables,
                (count(*) FILTER (WHERE NOT is_sequence AND srsubstate <> 'r'))::integer AS not_ready,
                (count(*) FILTER (WHERE NOT is_sequence AND srsubstate = 'r' AND srsublsn IS NULL))::integer AS not_copied,
                (count(*) FILTER (WHERE is_sequence))::integer AS sequences,
                (count(*) FILTER (WHERE is_sequence AND srsubstate <> 'r'))::integer AS pending
         FROM relation GROUP BY srsubid
       ), numbered AS (
         SELECT srsubid, srsubstate, is_sequence, format('%I.%I', nspname, relname) AS name,
                row_number() OVER (PARTITION BY srsubid, is_sequence ORDER BY nspname, relname) AS number
         FROM relation JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE srsubstate <> 'r'
       ), not_ready AS (
         SELECT srsubid,
                json_agg(json_build_object('table', name, 'state', srsubstate) ORDER BY number) FILTER (WHERE NOT is_sequence) AS tables,
                json_agg(name ORDER BY number) FILTER (WHERE is_sequence) AS sequences
         FROM numbered WHERE number <= CASE WHEN is_sequence THEN 20 ELSE 501 END GROUP BY srsubid
       ), worker AS (
         SELECT subid, pid, received_lsn FROM pg_stat_subscription AS activity
         WHERE relid IS NULL AND pid IS NOT NULL AND to_jsonb(activity) ->> 'leader_pid' IS NULL
           AND coalesce(to_jsonb(activity) ->> 'worker_type', 'apply') = 'apply'
       )
       SELECT subname AS name, oid::text AS oid, coalesce(state.not_copied, 0) AS "notCopied", subenabled AS enabled, subslotname AS slot, subpublications AS publications,
              coalesce(state.tables, 0) AS tables, coalesce(state.not_ready, 0) AS "notReadyCount",
              coalesce(not_ready.tables, '[]') AS "notReadyTables",
              coalesce(state.sequences, 0) AS "sequenceCount", coalesce(state.pending, 0) AS "pendingCount",
              coalesce(not_ready.sequences, '[]') AS "pendingNames", pid, received_lsn::text AS "receivedLsn"
       FROM subscription
       LEFT JOIN state ON state.srsubid = oid
       LEFT JOIN not_ready ON not_ready.srsubid = oid
       LEFT JOIN worker ON worker.subid = oid
       ORDER BY subname`;

/** @param rows the result of `subscriptionsSql` */
export function toSubscriptions(rows: readonly Row[]): Subscription[] {
  return (rows as SubscriptionRow[]).map(
    ({
      notReadyCount,
      notReadyTables,
      sequenceCount,
      pendingCount,
      pendingNames,
      pid,
      receivedLsn,
      ...subscription
    }) => ({
      ...subscription,
      notReady: { count: notReadyCount, tables: notReadyTables },
      sequences: { count: sequenceCount, pending: { count: pendingCount, names: pendingNames } },
      worker: pid === null ? null : { pid, receivedLsn },
    }),
  );
}
