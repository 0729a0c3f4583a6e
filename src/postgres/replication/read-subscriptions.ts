import type { Identity } from '../../steps/identity.js';
import type { Endpoint, Row } from '../endpoint.js';

/** A subscription of the connected database. */
export interface Subscription {
  name: string;
  enabled: boolean;
  /** At the publisher; null where it was taken away with `SET (slot_name = NONE)`. */
  slot: string | null;
  publications: string[];
  /** How many tables it replicates. */
  tables: number;
  /** Tables alone. */
  notReady: {
    count: number;
    /** At most 501 of them, in the order of their names: an acceptance is for these, and for no others. */
    tables: {
      /** As `schema.table`, quoted where needed. */
      table: string;
      /** pg_subscription_rel.srsubstate: i initialize, d copying, f copied, s synchronized. */
      state: string;
    }[];
  };
  /** From PostgreSQL 19 on a subscription can carry sequences: it sets them to the publisher's values when somebody asks for it. */
  sequences: {
    count: number;
    /** Those that it has yet to set; it tries again and again. */
    pending: {
      count: number;
      /** At most 20 of them, in the order of their names, as `schema.sequence`, quoted where needed. */
      names: string[];
    };
  };
  /** The process that applies changes; null where none runs now. */
  worker: { pid: number; receivedLsn: string | null } | null;
}

type SubscriptionRow = Omit<Subscription, 'notReady' | 'sequences' | 'worker'> & {
  notReadyCount: number;
  notReadyTables: { table: string; state: string }[];
  sequenceCount: number;
  pendingCount: number;
  pendingNames: string[];
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
 * Needs no privilege: subconninfo, which does, is left out, and so is oid, which does before PostgreSQL 14. The view pg_stat_subscription
 * tells it, of all databases: a name that several of them use is this one's where its tables or its worker are.
 *
 * pg_subscription_rel holds sequences too from PostgreSQL 19 on. Of the columns of pg_stat_subscription leader_pid exists from 16 on, where
 * parallel workers have rows of their own, and worker_type from 17 on; a worker that copies sequences has, like the one that applies
 * changes, no relid.
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
         FROM pg_subscription AS mine WHERE subdbid = (SELECT pg_database.oid FROM pg_database WHERE datname = current_database())
       ), relation AS (
         SELECT srsubid, srsubstate, srrelid, relnamespace, relname, relkind IS NOT DISTINCT FROM 'S' AS is_sequence
         FROM pg_subscription_rel LEFT JOIN pg_class ON pg_class.oid = srrelid
       ), state AS (
         SELECT srsubid, (count(*) FILTER (WHERE NOT is_sequence))::integer AS tables,
                (count(*) FILTER (WHERE NOT is_sequence AND srsubstate <> 'r'))::integer AS not_ready,
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
       SELECT subname AS name, subenabled AS enabled, subslotname AS slot, subpublications AS publications,
              coalesce(state.tables, 0) AS tables, coalesce(state.not_ready, 0) AS "notReadyCount",
              coalesce(not_ready.tables, '[]') AS "notReadyTables",
              coalesce(state.sequences, 0) AS "sequenceCount", coalesce(state.pending, 0) AS "pendingCount",
              coalesce(not_ready.sequences, '[]') AS "pendingNames", pid, received_lsn::text AS "receivedLsn"
       FROM subscription
       LEFT JOIN state ON state.srsubid = oid
       LEFT JOIN not_ready ON not_ready.srsubid = oid
       LEFT JOIN worker ON worker.subid = oid
       ORDER BY subname`;

/** @param rows what `subscriptionsSql` answered */
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
