import { activityInfo, ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { finalFailure, retryableFailure, type StepFailureType } from '../src/steps/failures.js';
import { UnknownPairError } from '../src/config/pairs.js';
import type { Side } from '../src/postgres/endpoint.js';
import type { Pair, PairRegistry } from './dependencies.js';
import { classify } from '../src/postgres/failures/classify.js';
import { ConnectionError, WrongServerError } from '../src/postgres/failures/errors.js';

const UNREACHABLE = {
  primary: 'PrimaryUnreachable',
  standby: 'StandbyUnreachable',
  ledger: 'LedgerUnreachable',
} as const satisfies Record<Side, StepFailureType>;

/**
 * Turns whatever a step throws into a failure that says whether Temporal shall try again: what can heal is
 * retried, what cannot is `Unworkable`, and an error of our own is `Internal`. A server that refuses
 * the connection, as one that was fenced does, is not asked again at once, but its type is that of one that cannot be
 * reached: the run decides what that means.
 */
export function toActivityFailure(error: unknown, side: Side): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure || isAbort(error))
    return error;
  // Another worker may know the pair, or lead to the right server: pairs files change by and by.
  if (error instanceof UnknownPairError) {
    return retryableFailure('Retryable', `pair: ${error.message}`);
  }
  if (error instanceof WrongServerError) return finalFailure('Unworkable', error.message);
  const { retryable, scope, sqlstate, reason, remedy } = classify(error);
  if (error instanceof ConnectionError) {
    const message = `${reason}; ${remedy}`;
    const type = UNREACHABLE[error.side];
    return retryable ? retryableFailure(type, message) : finalFailure(type, message);
  }
  const message = `${side}: ${reason}; ${remedy}`;
  if (retryable) {
    return retryableFailure(scope === 'connection' ? UNREACHABLE[side] : 'Retryable', message);
  }
  if (sqlstate === null && isBug(error)) {
    return finalFailure('Internal', `${activityInfo().activityType}: ${reason}`);
  }
  return finalFailure('Unworkable', message);
}

/** The pair that a run or a fleet begins with. @throws ApplicationFailure `InvalidInput` for one that this worker does not know */
export function pairToBegin(pairs: PairRegistry, name: string): Pair {
  try {
    return pairs.resolve(name);
  } catch (error) {
    if (error instanceof UnknownPairError) throw finalFailure('InvalidInput', `pair: ${error.message}`);
    throw toActivityFailure(error, 'primary');
  }
}

/** The pair of a run that is under way. @throws a failure that is tried again, by a worker that may know the pair */
export function pairToGoOn(pairs: PairRegistry, name: string, side: Side): Pair {
  try {
    return pairs.resolve(name);
  } catch (error) {
    throw toActivityFailure(error, side);
  }
}

/** The pair of a round: of the first one where nothing is expected of its servers yet. */
export function pairOfRound(
  pairs: PairRegistry,
  { pair, expected }: { pair: string; expected: unknown },
  side: Side,
): Pair {
  return expected === null ? pairToBegin(pairs, pair) : pairToGoOn(pairs, pair, side);
}

/** What `cancellationSignal.throwIfAborted()` throws; the SDK takes it for the activity's cancellation. */
function isAbort(error: unknown): error is Error {
  return error instanceof Error && error.name === 'AbortError';
}

function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

/** Runs a step of an activity that talks to `side`, see {@link toActivityFailure}. */
export async function onSide<T>(side: Side, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toActivityFailure(error, side);
  }
}
