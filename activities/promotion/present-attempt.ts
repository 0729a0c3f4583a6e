import { activityInfo, CancelledFailure, Context } from '@temporalio/activity';
import { type CommitLimit, TooLateError } from '../../src/postgres/promotion/commit-in-time.js';
import type { Endpoint } from '../../src/postgres/endpoint.js';
import { readClock } from '../../src/postgres/promotion/writers.js';
import type { Identity } from '../../src/steps/identity.js';
import { retryableFailure } from '../../src/steps/failures.js';
import { COMMITTED_WITHIN_MS } from '../../src/steps/limits.js';

/** How long to wait for Temporal's answer, in milliseconds. */
const ANSWERED_WITHIN_MS = 2_000;

/**
 * Asks Temporal whether it still waits for this attempt, by a heartbeat whose answer it reads. Temporal gives an attempt up if no heartbeat comes
 * for some seconds, for example because the worker stood still. Then the next attempt, or an undo, may have run already.
 *
 * @throws CancelledFailure if the step was cancelled
 * @throws ApplicationFailure `Retryable` if Temporal has given the attempt up, or does not answer
 */
export async function assertPresent(): Promise<void> {
  const { client, info } = Context.current();
  let isCancelled: boolean;
  try {
    const answer = await client.withDeadline(Date.now() + ANSWERED_WITHIN_MS, () =>
      client.workflowService.recordActivityTaskHeartbeat({
        namespace: info.namespace,
        taskToken: info.taskToken,
        identity: client.options.identity,
      }),
    );
    isCancelled = answer.cancelRequested;
  } catch (error) {
    throw retryableFailure(
      'Retryable',
      `Temporal did not answer the heartbeat of this step, so the step stopped before its next change; sequence-failover doctor checks the connection to Temporal: ${String(error)}`,
    );
  }
  if (isCancelled) throw new CancelledFailure('the step was cancelled');
}

/**
 * Makes a change that the promotion may undo. It is committed only while Temporal waits for this attempt: an attempt that comes late must not repeat
 * the change after its undo.
 *
 * @param change receives the time within which the server has to commit
 * @throws what {@link assertPresent} throws; ApplicationFailure `Retryable` if the change took too long
 */
export async function whilePresent(
  endpoint: Endpoint,
  expected: Identity,
  change: (limit: CommitLimit) => Promise<void>,
): Promise<void> {
  // The clock is read before the heartbeat, so that the limit ends before the heartbeat timeout.
  const since = await readClock(endpoint, expected);
  await assertPresent();
  try {
    await change({ since, withinMs: COMMITTED_WITHIN_MS });
  } catch (error) {
    if (error instanceof TooLateError)
      throw retryableFailure('Retryable', `${endpoint.side}: ${error.message}`);
    throw error;
  }
}

/** A server that is slow for long must not keep a primary fenced, so later attempts have no limit of time. */
const ATTEMPTS_IN_TIME = 10;

/**
 * The same for a change that must succeed some time, such as an undo, or that may take long on a healthy server.
 *
 * @throws what {@link whilePresent} throws
 */
export async function patientlyWhilePresent(
  endpoint: Endpoint,
  expected: Identity,
  change: (limit: CommitLimit | null) => Promise<void>,
): Promise<void> {
  await whilePresent(endpoint, expected, (limit) =>
    change(activityInfo().attempt <= ATTEMPTS_IN_TIME ? limit : null),
  );
}
