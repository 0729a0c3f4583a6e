import type { Identity } from '../../steps/identity.js';
import type { Endpoint, Row } from '../endpoint.js';

/** A message counts if it came within this time, in seconds. An idle publisher sends one at least every 30 seconds, a busy one all the time. */
const WITHIN_SECONDS = 15;

/** A subscription of the standby that has just received a message. */
interface ReceivingRow extends Row {
  subscription: string;
  secondsAgo: number;
}

/** The subscriptions of the connected database whose worker has just received a message from its publisher. */
export async function readReceiving(endpoint: Endpoint, expected: Identity): Promise<ReceivingRow[]> {
  const [rows = []] = await endpoint.read<ReceivingRow>({ expected, locks: 0 }, [
    `SELECT quote_ident(s.subname) AS subscription,
            floor(extract(epoch FROM min(clock_timestamp() - s.last_msg_receipt_time)))::int AS "secondsAgo"
     FROM pg_stat_subscription s
     -- Before PostgreSQL 14 only superusers may read the oid of a subscription.
     WHERE EXISTS (SELECT FROM pg_stat_activity w WHERE w.pid = s.pid AND w.datname = current_database())
       AND s.last_msg_receipt_time > clock_timestamp() - ${WITHIN_SECONDS} * interval '1 second'
     GROUP BY 1 ORDER BY 1`,
  ]);
  return rows;
}
