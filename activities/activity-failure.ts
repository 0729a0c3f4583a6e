import { activityInfo, ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { finalFailure, retryableFailure, UNREACHABLE } from '../src/steps/failures.js';
import { UnknownPairError } from '../src/config/pairs.js';
import type { Side } from '../src/postgres/endpoint.js';
import type { Pair, PairRegistry } from './dependencies.js';
import { classify } from '../src/postgres/failures/classify.js';
import { ConnectionError, WrongServerError } from '../src/postgres/failures/errors.js';
import { SQLSTATE } from '../src/postgres/failures/sqlstate.js';
import { withRemedy } from '../src/postgres/failures/with-remedy.js';
import { withLockWaits } from '../src/postgres/with-lock-waits.js';

/**
 * Turns any error of a step into a failure that tells Temporal whether to retry: an error that may be temporary is retried, one that is
 * permanent becomes `Unworkable`, and a bug of this software becomes `Internal`. A server that refuses the connection, for example because
 * it was fenced, is not retried, but the failure has the type of an unreachable server: the run decides what that means.
 */
export function toActivityFailure(error: unknown, side: Side): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure || isAbort(error))
    return error;
  // Pairs files are rolled out gradually: another worker may know the pair, or have the right address.
  if (error instanceof UnknownPairError) {
    return retryableFailure('Retryable', `pair: ${error.message}`);
  }
  if (error instanceof WrongServerError) return finalFailure('Unworkable', error.message);
  const classification = classify(error);
  const { retryable, scope, sqlstate, reason } = classification;
  if (error instanceof ConnectionError) {
    const message = withRemedy(classification);
    const type = UNREACHABLE[error.side];
    return retryable ? retryableFailure(type, message) : finalFailure(type, message);
  }
  const message = `${side}: ${withRemedy(classification)}`;
  if (retryable) {
    return retryableFailure(scope === 'connection' ? UNREACHABLE[side] : 'Retryable', message);
  }
  if (sqlstate === null && isBug(error)) {
    return finalFailure('Internal', `${activityInfo().activityType}: ${reason}`);
  }
  return finalFailure('Unworkable', message);
}

/**
 * The pair of a run or a fleet that begins.
 *
 * @throws ApplicationFailure `InvalidInput` if this worker does not know the pair
 */
export function pairOfNewRun(pairs: PairRegistry, name: string): Pair {
  try {
    return pairs.resolve(name);
  } catch (error) {
    if (error instanceof UnknownPairError) throw finalFailure('InvalidInput', `pair: ${error.message}`);
    throw toActivityFailure(error, 'primary');
  }
}

/**
 * The pair of a run that is under way, for one step: on each side the step has one limit for all its waits for locks.
 *
 * @throws a failure that is retried, since another worker may know the pair
 */
export function pairOfOpenRun(pairs: PairRegistry, name: string, side: Side): Pair {
  try {
    const pair = pairs.resolve(name);
    return { ...pair, primary: withLockWaits(pair.primary), standby: withLockWaits(pair.standby) };
  } catch (error) {
    throw toActivityFailure(error, side);
  }
}

/** The pair of a round. In the first round no servers are expected yet. */
export function pairOfRound(
  pairs: PairRegistry,
  { pair, expected }: { pair: string; expected: unknown },
  side: Side,
): Pair {
  return expected === null ? pairOfNewRun(pairs, pair) : pairOfOpenRun(pairs, pair, side);
}

/** `cancellationSignal.throwIfAborted()` throws this error. The SDK takes it for the cancellation of the activity. */
function isAbort(error: unknown): error is Error {
  return error instanceof Error && error.name === 'AbortError';
}

export function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

/** Runs a part of an activity that talks to `side`, and converts its errors, see {@link toActivityFailure}. */
export async function onSide<T>(side: Side, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toActivityFailure(error, side);
  }
}

/**
 * The same for an undo. A server that refuses the connection now may accept it again, and a primary that stays fenced is the worst ending: so that is
 * retried too, unless the database does not exist.
 */
export async function onSideOnceReached<T>(side: Side, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = toActivityFailure(error, side);
    const isRefused =
      error instanceof ConnectionError && classify(error).sqlstate !== SQLSTATE.invalidCatalogName;
    throw isRefused ? retryableFailure(UNREACHABLE[error.side], failure.message) : failure;
  }
}
