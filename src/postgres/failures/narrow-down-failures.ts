import type { Identity } from '../../steps/identity.js';
import { findBlockers, type Blocker, type Purpose } from './blockers.js';
import type { Endpoint } from '../endpoint.js';
import { classify } from './classify.js';
import { LockWaits } from './lock-waits.js';
import { SQLSTATE } from './sqlstate.js';

/** Why the work failed for one relation. */
export interface Failure {
  error: unknown;
  /** The session that has it locked, if that is the reason. */
  blocker: Blocker | null;
}

/** In milliseconds, for a transaction. */
export interface Timeouts {
  lockTimeoutMs: number;
  /** If given, a statement that takes longer is treated like one that fails. */
  statementTimeoutMs?: number;
}

/** The work for many relations, and how long it may wait for locks. */
export interface Narrowing {
  purpose: Purpose;
  /** For the first attempt. It is long enough to wait for short locks. */
  timeouts: Timeouts;
  /** Does the work for all of the relations, or throws without having done it for any. */
  attempt: (oids: readonly number[], timeouts: Timeouts) => Promise<void>;
}

/** For all further attempts, whose number grows with the number of failures. */
export const SHORT_LOCK_TIMEOUT_MS = 250;
const SHORT_STATEMENT_TIMEOUT_MS = 2_000;

/** How often an attempt may run into a lock timeout without a lock on a relation in the lock table. After that, a catalog is taken to be locked. */
const MOST_UNEXPLAINED = 2;

/**
 * Does the work for many relations at once. If some make it fail, the work is done for the others without them. Locked relations are
 * found by reading the lock table once, so that a hundred of them cost one timeout, not a hundred. Other failures occur at once, and are
 * narrowed down by halving the list. All attempts wait for locks only as long as the endpoint's `lockWaits` allow.
 *
 * @returns the failures by oid
 * @throws a failure that concerns no single relation: of the connection, the server's resources, or a locked catalog
 */
export async function narrowDownFailures(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
  { purpose, timeouts, attempt }: Narrowing,
): Promise<Map<number, Failure>> {
  const failures = new Map<number, Failure>();
  const { lockWaits = new LockWaits() } = endpoint;
  const narrowsDownSlow = timeouts.statementTimeoutMs !== undefined;
  const shortTimeouts: Timeouts = {
    lockTimeoutMs: SHORT_LOCK_TIMEOUT_MS,
    ...(narrowsDownSlow && { statementTimeoutMs: SHORT_STATEMENT_TIMEOUT_MS }),
  };

  const run = async (some: readonly number[], wanted: Timeouts, unexplained = 0): Promise<void> => {
    const [first] = some;
    if (first === undefined) return;
    const lockTimeoutMs = lockWaits.timeout(wanted.lockTimeoutMs);
    try {
      await attempt(some, { ...wanted, lockTimeoutMs });
      return;
    } catch (error) {
      const { sqlstate } = classify(error);
      if (!concernsOne(error) && !(narrowsDownSlow && sqlstate === SQLSTATE.queryCanceled)) throw error;
      if (isLocked(error)) {
        lockWaits.spend(lockTimeoutMs);
        const blockers = await findBlockers(endpoint, expected, some, purpose);
        for (const [oid, blocker] of blockers) failures.set(oid, { error, blocker });
        if (blockers.size === 0 && unexplained === MOST_UNEXPLAINED) throw error;
        await run(
          some.filter((oid) => !blockers.has(oid)),
          shortTimeouts,
          blockers.size === 0 ? unexplained + 1 : 0,
        );
      } else if (some.length === 1) {
        failures.set(first, { error, blocker: null });
      } else {
        const half = Math.ceil(some.length / 2);
        await run(some.slice(0, half), shortTimeouts);
        await run(some.slice(half), shortTimeouts);
      }
    }
  };

  await run(oids, timeouts);
  return failures;
}

/** Whether the reason is a lock of somebody else. */
export function isLocked(error: unknown): boolean {
  return classify(error).sqlstate === SQLSTATE.lockNotAvailable;
}

/** Whether a single one of the relations can be the reason of an error. */
export function concernsOne(error: unknown): boolean {
  const { scope, sqlstate } = classify(error);
  return (
    scope === 'statement' &&
    sqlstate !== null &&
    sqlstate !== SQLSTATE.queryCanceled &&
    !(error instanceof WholeAttemptError)
  );
}

/** A failure of the whole attempt that would otherwise look like that of one relation. */
export class WholeAttemptError extends Error {
  override readonly name = 'WholeAttemptError';
}
