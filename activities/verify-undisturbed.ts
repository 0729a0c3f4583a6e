import { Context } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../src/contract/status.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { SequenceSynchronization } from '../src/steps/subscriptions.js';
import {
  haveMoved,
  sequencesRefreshing,
  SynchronizationWatch,
} from '../src/planning/pair/sequence-synchronization.js';
import { readSequenceSynchronization } from '../src/postgres/replication/read-sequence-synchronization.js';
import { beingChanged } from '../src/planning/sequence/verification-findings.js';
import { type Blocker, describeBlocker, inspectBlocker } from '../src/postgres/failures/blockers.js';
import { readLocked } from '../src/postgres/sequences/read-locked.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';

/** How long subscriptions may keep setting sequences of the standby, in milliseconds. */
const PATIENCE_MS = 30_000;
/** The pause between two readings, in milliseconds. */
const POLL_MS = 200;

/** The result of a verification, and the names of the sequences that it is about, by their oids on the standby. */
export interface Verified<T> {
  report: T;
  sequences: ReadonlyMap<number, string>;
}

/**
 * Verifies, and notices whether somebody changes sequences of the standby meanwhile.
 *
 * - A subscription of PostgreSQL 19 can set them to the primary's exact values. If it did so during the verification, the verified values
 *   would be overwritten. So this waits until the subscription has finished, and verifies again.
 * - An open ALTER SEQUENCE may set one back when it commits. If one that was open before has ended during the verification, this verifies
 *   again.
 *
 * @returns the last verification, and a finding for each subscription that did not finish in time, and for each sequence that is being changed
 */
export async function verifyUndisturbed<T>(
  { standby }: Pair,
  identity: PairIdentity,
  verify: () => Promise<Verified<T>>,
): Promise<{ report: T; disturbed: Finding[] }> {
  const watch = new SynchronizationWatch();
  const readState = async () => {
    Context.current().cancellationSignal.throwIfAborted();
    const now = await onSide('standby', () => readSequenceSynchronization(standby, identity.standby));
    const locked = await onSide('standby', () => readLocked(standby, identity.standby));
    return { now, active: watch.see(now), locked };
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
    const changed = [...before.locked.keys()].some((oid) => sequences.has(oid) && !after.locked.has(oid));
    if ((moving.length === 0 && !changed) || isLate()) {
      // If it is late, a change that was committed during the verification may not have been read.
      const changing = [...(changed ? before.locked : []), ...after.locked].flatMap(([oid, blocker]) => {
        const sequence = sequences.get(oid);
        return sequence === undefined ? [] : [toFinding(sequence, blocker)];
      });
      return { report, disturbed: [...moving.map(sequencesRefreshing), ...changing] };
    }
    before = after;
  }
}

function toFinding(sequence: string, blocker: Blocker): Finding {
  return beingChanged(sequence, describeBlocker(blocker), inspectBlocker(blocker));
}

function unique(subscriptions: readonly SequenceSynchronization[]): SequenceSynchronization[] {
  return [...new Map(subscriptions.map((one) => [one.subscription, one])).values()];
}
