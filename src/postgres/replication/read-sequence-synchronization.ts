import type { Identity } from '../../steps/identity.js';
import type { SequenceSynchronization } from '../../steps/subscriptions.js';
import type { Endpoint, Row } from '../endpoint.js';

type StateRow = Omit<SequenceSynchronization, 'working' | 'failures'> & Row;

/**
 * The present state of each subscription of the connected database that carries sequences (possible from PostgreSQL 19 on); empty if there is
 * none. Needs no privilege.
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
 * This statement runs before the one that reads the states, and each has its own snapshot. So a worker that has set something before is
 * either seen here, or has ended and committed, and then the states show it. The columns are those of PostgreSQL 19.
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
 * The transaction that sets a sequence also updates its row to `ready`, and one that requests it again updates the row to `pending`. So xmin
 * shows that it happened, even if the state is the same as before.
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
