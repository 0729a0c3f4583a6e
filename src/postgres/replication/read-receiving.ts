import type { Identity } from '../../steps/identity.js';
import type { ReceivingSubscription } from '../../steps/subscriptions.js';
import type { Endpoint, Row } from '../endpoint.js';

/** A message counts if it came within this time, in seconds. An idle publisher sends one at least every 30 seconds, a busy one all the time. */
const WITHIN_SECONDS = 15;

/** The workers of the subscriptions of the connected database. Before PostgreSQL 14 only superusers may read the oid of a subscription. */
const WORKERS =
  'FROM pg_stat_subscription s JOIN pg_stat_activity w ON w.pid = s.pid AND w.datname = current_database()';

/** The subscriptions of the connected database whose worker has just received a message from its publisher. */
export async function readReceiving(
  endpoint: Endpoint,
  expected: Identity,
): Promise<ReceivingSubscription[]> {
  const [rows = []] = await endpoint.read<ReceivingSubscription & Row>({ expected, locks: 0 }, [
    `SELECT quote_ident(s.subname) AS subscription,
            floor(extract(epoch FROM min(clock_timestamp() - s.last_msg_receipt_time)))::int AS "secondsAgo"
     ${WORKERS} WHERE s.last_msg_receipt_time > clock_timestamp() - ${WITHIN_SECONDS} * interval '1 second'
     GROUP BY 1 ORDER BY 1`,
  ]);
  return rows;
}

/** A subscription of the standby whose worker has not applied everything that it has received. */
export interface ApplyingRow extends Row {
  subscription: string;
  pid: number;
}

/**
 * The subscriptions of the connected database whose worker is still applying what it has received, for example because it waits for a lock. The
 * last message of a publisher that has nothing more to send is one that asks how far the worker is, and the worker reads it only after it has
 * applied all messages before: UpdateWorkerStats in src/backend/replication/logical/worker.c.
 */
export async function readApplying(endpoint: Endpoint, expected: Identity): Promise<ApplyingRow[]> {
  const [rows = []] = await endpoint.read<ApplyingRow>({ expected, locks: 0 }, [
    `SELECT quote_ident(s.subname) AS subscription, min(s.pid) AS pid
     ${WORKERS} WHERE s.relid IS NULL
       -- It waits for the next message. A role without pg_read_all_stats does not see that.
       AND w.wait_event IS DISTINCT FROM 'LogicalApplyMain'
       AND s.last_msg_send_time IS DISTINCT FROM s.latest_end_time
     GROUP BY 1 ORDER BY 1`,
  ]);
  return rows;
}
