import type { Identity } from '../../steps/identity.js';
import type { Endpoint, Row } from '../endpoint.js';

/** What a subscription that carries sequences does to those of its database at one moment. */
export interface SequenceSynchronization {
  /** Its oid. */
  subscription: string;
  name: string;
  enabled: boolean;
  /** Changes whenever a sequence was set by the subscription, or is to be set. */
  fingerprint: string;
  pendingCount: number;
  /** At most 20 of those that are to be set, as `schema.sequence`, quoted where needed. */
  pendingNames: string[];
  /** Whether the worker that sets them runs now. */
  working: boolean;
  /** How often that worker has failed so far; null where the server does not say. */
  failures: bigint | null;
}

type StateRow = Omit<SequenceSynchronization, 'working' | 'failures'> & Row;

/**
 * What the subscriptions of the connected database do to its sequences at this moment; empty where none carries sequences, which they
 * can since PostgreSQL 19. Needs no privilege.
 */
export async function readSequenceSynchronization(
  standby: Endpoint,
  expected: Identity | null,
): Promise<SequenceSynchronization[]> {
  const [[any] = []] = await standby.read<{ carries: boolean }>({ expected, locks: 0 }, [carriesSql]);
  if (any?.carries !== true) return [];
  const [workers = [], states = []] = await standby.read({ expected, locks: 0 }, [workersSql, statesSql]);
  const work = new Map((workers as WorkerRow[]).map(({ subscription, ...worker }) => [subscription, worker]));
  return (states as StateRow[]).map((state) => {
    const { working = false, failures = null } = work.get(state.subscription) ?? {};
    return { ...state, working, failures: failures === null ? null : BigInt(failures) };
  });
}

const carriesSql =
  'SELECT EXISTS (SELECT FROM pg_sequence JOIN pg_subscription_rel ON srrelid = seqrelid) AS carries';

interface WorkerRow extends Row {
  subscription: string;
  working: boolean;
  failures: string | null;
}

/**
 * Comes before the states, each with a snapshot of its own: a worker that has set something before this is read is either seen here, or it
 * has ended, and committed, so that the states show it. The columns are those of PostgreSQL 19.
 */
const workersSql = `
  SELECT subid::text AS subscription, to_jsonb(stats) ->> 'sync_seq_error_count' AS failures,
         EXISTS (
           SELECT FROM pg_stat_subscription AS activity
           WHERE activity.subid = stats.subid AND pid IS NOT NULL
             AND to_jsonb(activity) ->> 'worker_type' = 'sequence synchronization'
         ) AS working
  FROM pg_stat_subscription_stats AS stats`;

/**
 * A sequence that is set becomes ready, and one that is to be set anew becomes pending, by an update of its row in the same transaction:
 * xmin tells that it happened, also where the state is as before.
 */
const statesSql = `
  SELECT pg_subscription.oid::text AS subscription, subname AS name, subenabled AS enabled, fingerprint, "pendingCount",
         CASE WHEN "pendingCount" = 0 THEN '[]' ELSE (
           SELECT json_agg(name) FROM (
             SELECT format('%I.%I', nspname, relname) AS name
             FROM pg_subscription_rel AS member JOIN pg_class ON pg_class.oid = srrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
             WHERE member.srsubid = relation.srsubid AND srsubstate <> 'r' AND relkind = 'S'
             ORDER BY nspname, relname LIMIT 20
           ) AS pending
         ) END AS "pendingNames"
  FROM pg_subscription JOIN (
    SELECT srsubid, (count(*) FILTER (WHERE srsubstate <> 'r'))::integer AS "pendingCount",
           concat_ws(' ', count(*), sum(hashint8extended(srrelid::bigint, ascii(srsubstate::text) + pg_subscription_rel.xmin::text::bigint * 256))) AS fingerprint
    FROM pg_subscription_rel JOIN pg_sequence ON seqrelid = srrelid
    GROUP BY srsubid
  ) AS relation ON srsubid = pg_subscription.oid
  ORDER BY subname`;
