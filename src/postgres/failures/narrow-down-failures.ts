import type { Identity } from '../../steps/identity.js';
import { findBlockers, type Blocker, type Purpose } from './blockers.js';
import type { Endpoint } from '../endpoint.js';
import { classify } from './classify.js';

/** Why the work failed for one relation. */
export interface Failure {
  error: unknown;
  /** Who has it locked, where that is what it failed for. */
  blocker: Blocker | null;
}

/** In milliseconds, for a transaction. */
export interface Patience {
  lockTimeoutMs: number;
  /** Where given, a statement that takes longer is narrowed down like one that fails. */
  statementTimeoutMs?: number;
}

export interface Isolation {
  purpose: Purpose;
  /** Of the first attempt: whoever is merely passing is waited for. */
  patience: Patience;
  /** Does the work for all of the relations, or throws and has done it for none. */
  attempt: (oids: readonly number[], patience: Patience) => Promise<void>;
}

/** Of all further attempts, whose number grows with that of the failures. */
const shortLockTimeoutMs = 250;
const shortStatementTimeoutMs = 2_000;

/** How often the holder may have gone by the time of the look; more than that, and it is a catalog that is locked. */
const mostUnexplained = 2;

const lockNotAvailable = '55P03';
const queryCanceled = '57014';

/**
 * Does the work for many relations at once, and where some make it fail, for the others without them. Whoever is locked is
 * found by one look at the lock table, so that a hundred locked ones cost one timeout, not a hundred; any other failure
 * comes at once and is narrowed down by halves.
 *
 * @returns what failed, by oid
 * @throws what concerns no single relation: a connection, the server's resources, a locked catalog
 */
export async function isolate(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
  { purpose, patience, attempt }: Isolation,
): Promise<Map<number, Failure>> {
  const failures = new Map<number, Failure>();
  const isolatesSlow = patience.statementTimeoutMs !== undefined;
  const impatience: Patience = {
    lockTimeoutMs: shortLockTimeoutMs,
    ...(isolatesSlow && { statementTimeoutMs: shortStatementTimeoutMs }),
  };

  const run = async (some: readonly number[], patience: Patience, unexplained = 0): Promise<void> => {
    const [first] = some;
    if (first === undefined) return;
    try {
      await attempt(some, patience);
      return;
    } catch (error) {
      const { sqlstate } = classify(error);
      if (!concernsOne(error) && !(isolatesSlow && sqlstate === queryCanceled)) throw error;
      if (sqlstate === lockNotAvailable) {
        const blockers = await findBlockers(endpoint, expected, some, purpose);
        for (const [oid, blocker] of blockers) failures.set(oid, { error, blocker });
        if (blockers.size === 0 && unexplained === mostUnexplained) throw error;
        await run(
          some.filter((oid) => !blockers.has(oid)),
          impatience,
          blockers.size === 0 ? unexplained + 1 : 0,
        );
      } else if (some.length === 1) {
        failures.set(first, { error, blocker: null });
      } else {
        const half = Math.ceil(some.length / 2);
        await run(some.slice(0, half), impatience);
        await run(some.slice(half), impatience);
      }
    }
  };

  await run(oids, patience);
  return failures;
}

/** Whether an error can be the fault of a single relation among those that a statement touches. */
export function concernsOne(error: unknown): boolean {
  const { scope, sqlstate } = classify(error);
  return (
    scope === 'statement' && sqlstate !== null && sqlstate !== queryCanceled && !(error instanceof WholeError)
  );
}

/** A failure of the whole attempt that would look like one relation's. */
export class WholeError extends Error {
  override readonly name = 'WholeError';
}
