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
