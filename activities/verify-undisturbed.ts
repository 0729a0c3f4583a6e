import { Context } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import type { SideOfPair } from '../src/contract/side.js';
import type { Finding } from '../src/contract/status.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { SequenceSynchronization } from '../src/steps/subscriptions.js';
import {
  haveMoved,
  sequencesRefreshing,
  SynchronizationWatch,
} from '../src/planning/pair/sequence-synchronization.js';
import { readSequenceSynchronization } from '../src/postgres/replication/read-sequence-synchronization.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import { type Locked, lockedFindings, lockedOn, type NamesByOid } from './locked-sequences.js';

/** How long subscriptions may keep setting sequences of the standby, in milliseconds. */
const PATIENCE_MS = 30_000;
/** The pause between two readings, in milliseconds. */
const POLL_MS = 200;

/** The result of a verification, and the sequences that it is about. */
export interface Verified<T> {
  report: T;
  sequences: NamesByOid;
}

/**
 * Verifies, and notices whether somebody changes sequences meanwhile.
 *
 * - A subscription of PostgreSQL 19 can set them to the primary's exact values. If it did so during the verification, the verified values
 *   would be overwritten. So this waits until the subscription has finished, and verifies again.
 * - When an open ALTER SEQUENCE commits, it may set one of the standby back, and one of the primary may be far beyond the position that could be
 *   read. If one that was open before has ended during the verification, this verifies again.
 *
 * @param sides those that the verification reads
 * @returns the last verification, and a finding for each subscription that did not finish in time, and for each sequence that is being changed
 */
export async function verifyUndisturbed<T>(
  pair: Pair,
  identity: PairIdentity,
  sides: readonly SideOfPair[],
  verify: () => Promise<Verified<T>>,
): Promise<{ report: T; disturbed: Finding[] }> {
  const { standby } = pair;
  const watch = new SynchronizationWatch();
  const readState = async () => {
    Context.current().cancellationSignal.throwIfAborted();
    const now = await onSide('standby', () => readSequenceSynchronization(standby, identity.standby));
    return { now, active: watch.see(now), locked: await lockedOn(sides, pair, identity) };
  };
  const deadline = performance.now() + PATIENCE_MS;
  const isLate = () => performance.now() >= deadline;
  let before = await readState();
  for (;;) {
    while (before.active.length > 0 && !isLate()) {
      await delay(POLL_MS);
      before = await readState();
    }
    const { report, sequences } = await verify();
    const after = await readState();
    const moving = unique([...after.active, ...haveMoved(before.now, after.now)]);
    const nameOf = ({ side, oid }: Locked) => sequences[side]?.get(oid);
    const isStillLocked = ({ side, oid }: Locked) =>
      after.locked.some((other) => other.side === side && other.oid === oid);
    const changed = before.locked.some((one) => nameOf(one) !== undefined && !isStillLocked(one));
    if ((moving.length === 0 && !changed) || isLate()) {
      // If it is late, a change that was committed during the verification may not have been read.
      const changing = lockedFindings([...(changed ? before.locked : []), ...after.locked], sequences);
      return { report, disturbed: [...moving.map(sequencesRefreshing), ...changing] };
    }
    before = after;
  }
}

function unique(subscriptions: readonly SequenceSynchronization[]): SequenceSynchronization[] {
  return [...new Map(subscriptions.map((one) => [one.subscription, one])).values()];
}
