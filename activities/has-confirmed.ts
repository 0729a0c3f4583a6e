import type { Finding } from '../src/contract/status.js';
import { slotsOf } from '../src/planning/pair/replication-findings.js';
import { receivesAll } from '../src/planning/rows/covered-rows.js';
import { awaitConfirmedFlush } from '../src/postgres/replication/await-confirmed-flush.js';
import { readWalPosition } from '../src/postgres/replication/read-wal-position.js';
import type { PairIdentity } from '../src/steps/identity.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import { namesOf, type Replication } from './read-replication.js';

/** How long to wait for it, in milliseconds: reading the primary's rows takes about as long for 5,000 tables. */
const PATIENCE_MS = 250;

/**
 * Whether the standby has confirmed everything that the primary has written so far, all its subscriptions receive from the primary, and
 * nothing was found about any of them. Then its rows of subscribed tables are those of the primary.
 *
 * @param findings about its subscriptions
 */
export async function hasConfirmed(
  { primary }: Pair,
  identity: PairIdentity,
  replication: Replication,
  findings: readonly Finding[],
): Promise<boolean> {
  const slots = slotsOf(replication.subscriptions);
  if (slots.length === 0 || !receivesAll(findings, namesOf(replication))) return false;
  return onSide('primary', async () => {
    const position = await readWalPosition(primary, identity.primary);
    const behind = await awaitConfirmedFlush(primary, identity.primary, slots, position, {
      timeoutMs: PATIENCE_MS,
    });
    return behind.length === 0;
  });
}
