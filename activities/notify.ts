import { ApplicationFailure } from '@temporalio/activity';
import type { Activities } from '../src/steps/activities.js';
import { retryableFailure } from '../src/steps/failures.js';
import type { Dependencies } from './dependencies.js';

/** Notifications that one worker posts at a time: a receiver that hangs must not take the places of other activities. */
const AT_ONCE = 4;

/** Posts a notification to the worker's NOTIFY_URL. Temporal tries again what may succeed. */
export function notify({ notifier }: Dependencies): Activities['notify'] {
  let underWay = 0;
  return async (notification) => {
    // Another worker may have it, while settings are rolled out.
    if (!notifier) throw retryableFailure('Retryable', 'this worker has no NOTIFY_URL');
    if (underWay >= AT_ONCE)
      throw retryableFailure('Retryable', `this worker has ${AT_ONCE} notifications under way`);
    underWay += 1;
    try {
      const attempt = await notifier.post(notification);
      if (attempt.delivered) return;
      const { reason, isFinal } = attempt;
      throw ApplicationFailure.create({
        message: `NOTIFY_URL: ${reason}`,
        type: 'NotDelivered',
        nonRetryable: isFinal,
      });
    } finally {
      underWay -= 1;
    }
  };
}

/** Lets the answer of a readiness check, or its failure, say that this worker notifies: runs of other workers send none. */
export function saysWhetherItNotifies<I, R extends object>(
  { notifier }: Dependencies,
  check: (input: I) => Promise<R>,
): (input: I) => Promise<R> {
  if (!notifier) return check;
  return async (input) => {
    try {
      return { ...(await check(input)), notifies: true };
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      const { message, type, nonRetryable, cause } = error;
      throw ApplicationFailure.create({
        ...{ message, nonRetryable: nonRetryable === true, details: [{ notifies: true }] },
        ...(type != null && { type }),
        ...(cause instanceof Error && { cause }),
      });
    }
  };
}
