import type { Identity } from '../contract/steps.js';
import type { Endpoint, Row } from './endpoint.js';

/** A subscription of the connected database. */
export interface Subscription {
  name: string;
  enabled: boolean;
  /** At the publisher; null where it was taken away with `SET (slot_name = NONE)`. */
  slot: string | null;
  publications: string[];
  /** How many tables it replicates. */
  tables: number;
  notReady: {
    count: number;
    /** At most 20 of them, in the order of their names. */
    tables: {
      /** As `schema.table`, quoted where needed. */
      table: string;
      /** pg_subscription_rel.srsubstate: i initialize, d copying, f copied, s synchronized. */
      state: string;
    }[];
  };
  /** The process that applies changes; null where none runs now. */
  worker: { pid: number; receivedLsn: string | null } | null;
}

type SubscriptionRow = Omit<Subscription, 'notReady' | 'worker'> & {
  notReadyCount: number;
  notReadyTables: { table: string; state: string }[];
  pid: number | null;
  receivedLsn: string | null;
} & Row;

/** All subscriptions of the connected database by name. */
export async function readSubscriptions(
  endpoint: Endpoint,
  expected: Identity | null,
): Promise<Subscription[]> {
  const [rows = []] = await endpoint.read({ expected, locks: 0 }, [subscriptionsSql]);
  return toSubscriptions(rows);
}

/**
 * Needs no privilege: subconninfo, which does, is left out. leader_pid exists from PostgreSQL 16 on, where parallel workers have rows of
 * their own.
 */
export const subscriptionsSql = `WITH subscription AS (
         SELECT oid, subname, subenabled, subslotname, subpublications FROM pg_subscription
         WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       ), state AS (
         SELECT srsubid, count(*)::integer AS tables, (count(*) FILTER (WHERE srsubstate <> 'r'))::integer AS count
         FROM pg_subscription_rel GROUP BY srsubid
       ), numbered AS (
         SELECT srsubid, srsubstate, format('%I.%I', nspname, relname) AS name,
                row_number() OVER (PARTITION BY srsubid ORDER BY nspname, relname) AS number
         FROM pg_subscription_rel JOIN pg_class ON pg_class.oid = srrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE srsubstate <> 'r'
       ), not_ready AS (
         SELECT srsubid, json_agg(json_build_object('table', name, 'state', srsubstate) ORDER BY number) AS tables
         FROM numbered WHERE number <= 20 GROUP BY srsubid
       ), worker AS (
         SELECT subid, pid, received_lsn FROM pg_stat_subscription AS activity
         WHERE relid IS NULL AND pid IS NOT NULL AND to_jsonb(activity) ->> 'leader_pid' IS NULL
       )
       SELECT subname AS name, subenabled AS enabled, subslotname AS slot, subpublications AS publications,
              coalesce(state.tables, 0) AS tables, coalesce(state.count, 0) AS "notReadyCount",
              coalesce(not_ready.tables, '[]') AS "notReadyTables", pid, received_lsn::text AS "receivedLsn"
       FROM subscription
       LEFT JOIN state ON state.srsubid = oid
       LEFT JOIN not_ready ON not_ready.srsubid = oid
       LEFT JOIN worker ON worker.subid = oid
       ORDER BY subname`;

/** @param rows what `subscriptionsSql` answered */
export function toSubscriptions(rows: readonly Row[]): Subscription[] {
  return (rows as SubscriptionRow[]).map(
    ({ notReadyCount, notReadyTables, pid, receivedLsn, ...subscription }) => ({
      ...subscription,
      notReady: { count: notReadyCount, tables: notReadyTables },
      worker: pid === null ? null : { pid, receivedLsn },
    }),
  );
}
