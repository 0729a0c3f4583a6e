import { Context } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../src/contract/status.js';
import type { PairIdentity } from '../src/steps/identity.js';
import {
  haveMoved,
  sequencesRefreshing,
  type SynchronizationState,
  SynchronizationWatch,
} from '../src/planning/pair/sequence-synchronization.js';
import { readSequenceSynchronization } from '../src/postgres/replication/read-sequence-synchronization.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';

/** How long subscriptions may keep setting sequences of the standby, in milliseconds. */
const PATIENCE_MS = 30_000;
/** The pause between two readings, in milliseconds. */
const POLL_MS = 200;

/**
 * Verifies while no subscription sets sequences of the standby. A subscription of PostgreSQL 19 can set them to the primary's exact values.
 * If it did so during the verification, the verified values would be overwritten. So this waits until the subscription has finished, and
 * verifies again.
 *
 * @returns the last verification, and a finding for each subscription that did not finish in time
 */
export async function verifyUndisturbed<T>(
  { standby }: Pair,
  identity: PairIdentity,
  verify: () => Promise<T>,
): Promise<{ report: T; disturbed: Finding[] }> {
  const watch = new SynchronizationWatch();
  const readState = async () => {
    Context.current().cancellationSignal.throwIfAborted();
    const now = await onSide('standby', () => readSequenceSynchronization(standby, identity.standby));
    return { now, active: watch.see(now) };
  };
  const deadline = performance.now() + PATIENCE_MS;
  const isLate = () => performance.now() >= deadline;
  let before = await readState();
  for (;;) {
    while (before.active.length > 0 && !isLate()) {
      await delay(POLL_MS);
      before = await readState();
    }
    const report = await verify();
    const after = await readState();
    const moving = unique([...after.active, ...haveMoved(before.now, after.now)]);
    if (moving.length === 0 || isLate()) return { report, disturbed: moving.map(sequencesRefreshing) };
    before = after;
  }
}

function unique(subscriptions: readonly SynchronizationState[]): SynchronizationState[] {
  return [...new Map(subscriptions.map((one) => [one.subscription, one])).values()];
}
