import { setTimeout as delay } from 'node:timers/promises';
import type { Identity } from '../../steps/identity.js';
import type { Endpoint } from '../endpoint.js';
import { readSubscriptions, type Subscription } from './read-subscriptions.js';

/**
 * How long an apply worker may be away, in milliseconds. One that ended is started again after wal_retrieve_retry_interval, 5 seconds
 * unless configured (https://www.postgresql.org/docs/current/runtime-config-replication.html).
 */
const PATIENCE_MS = 8_000;
/** A worker that fails is up for some tens of milliseconds, again and again. */
const PAUSE_MS = 500;

/**
 * Gives apply workers that are being started the time for it: a restart of the primary, or a change of the subscription, ends them. Reads
 * nothing where all that matter are there. A worker counts as there when two reads in a row have seen the same process.
 *
 * @param subscriptions as they were just read
 * @param lacksWorker the ones that matter and have none
 * @param onPoll called before each further read; what it throws ends the wait
 */
export async function settleSubscriptions(
  standby: Endpoint,
  expected: Identity,
  subscriptions: Subscription[],
  lacksWorker: (all: Subscription[]) => boolean,
  onPoll: () => void,
): Promise<Subscription[]> {
  if (!lacksWorker(subscriptions)) return subscriptions;
  const deadline = performance.now() + PATIENCE_MS;
  let before = subscriptions;
  let settled = subscriptions;
  while (performance.now() < deadline) {
    await delay(PAUSE_MS);
    onPoll();
    const now = await readSubscriptions(standby, expected);
    settled = now.map((one) => (isSameWorker(before, one) ? one : { ...one, worker: null }));
    if (!lacksWorker(settled)) return settled;
    before = now;
  }
  return settled;
}

function isSameWorker(before: readonly Subscription[], { name, worker }: Subscription): boolean {
  return before.some((one) => one.name === name && one.worker?.pid === worker?.pid);
}
