import { setTimeout as delay } from 'node:timers/promises';
import type { Identity } from '../../steps/identity.js';
import type { Subscription } from '../../steps/subscriptions.js';
import type { Endpoint } from '../endpoint.js';
import { readSubscriptions } from './read-subscriptions.js';

/**
 * How long an apply worker may be missing, in milliseconds. PostgreSQL starts one that ended again after wal_retrieve_retry_interval, by
 * default 5 seconds (https://www.postgresql.org/docs/current/runtime-config-replication.html).
 */
const PATIENCE_MS = 8_000;
/** In milliseconds, between two reads. A worker that fails repeatedly runs for some tens of milliseconds each time. */
const PAUSE_MS = 500;

/**
 * Waits for apply workers that are being started, since a restart of the primary or a change of the subscription ends them. It reads nothing
 * if no relevant worker is missing. A worker counts as running when two consecutive reads have seen the same process.
 *
 * @param subscriptions as they were just read
 * @param lacksWorker whether a subscription is relevant and has no worker
 * @param onPoll called before each further read; an error that it throws ends the wait
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
