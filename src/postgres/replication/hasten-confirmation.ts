import type { PairIdentity } from '../../steps/identity.js';
import type { Endpoint } from '../endpoint.js';

/**
 * Writes a logical message and flushes the server's WAL up to it. It does not wait for the server's synchronous standbys. No table holds
 * the message, and no subscription applies it. Every role may write one, even in a read-only transaction.
 */
const flushSql = [
  "SELECT set_config('synchronous_commit', 'local', true)",
  "SELECT pg_logical_emit_message(true, 'sequence_failover', 'confirm what has been received')",
];

/**
 * Makes the standby confirm at once what it has applied. Without this it takes some hundred milliseconds: a subscription commits without a
 * flush (its synchronous_commit is off by default), the WAL writer flushes after wal_writer_delay, and the apply worker checks for that
 * only after a while. So the standby's WAL is flushed first. Then the primary writes a message, which wakes the apply worker. See
 * get_flush_position and LogicalRepApplyLoop in PostgreSQL's src/backend/replication/logical/worker.c.
 *
 * It never fails. If it does not work, the confirmation comes later.
 */
export async function hastenConfirmation(
  { primary, standby }: { primary: Endpoint; standby: Endpoint },
  identity: PairIdentity,
): Promise<void> {
  try {
    await standby.read({ expected: identity.standby, locks: 0 }, flushSql);
    await primary.read({ expected: identity.primary, locks: 0 }, flushSql);
  } catch {
    // A server that cannot be reached is noticed by the wait itself.
  }
}
