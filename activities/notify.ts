import { ApplicationFailure } from '@temporalio/activity';
import type { Activities } from '../src/steps/activities.js';
import { retryableFailure } from '../src/steps/failures.js';
import type { Dependencies } from './dependencies.js';

/**
 * The number of notifications that one worker posts at a time, so that a receiver that hangs does not use up the places of other
 * activities.
 */
const AT_ONCE = 4;

/** Posts a notification to the worker's NOTIFY_URL. Temporal retries it if that may help. */
export function notify({ notifier }: Dependencies): Activities['notify'] {
  let underWay = 0;
  return async (notification) => {
    // While the settings are rolled out, another worker may have the URL.
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
