import { activityInfo, log } from '@temporalio/activity';
import { classify } from '../src/postgres/failures/classify.js';
import { onSide } from './activity-failure.js';

/** So often a ledger that cannot be read is tried again. */
const TRIES = 4;

/** What the ledger says. @param otherwise what counts where it cannot be read, for this reason */
export function readLedger<T>(work: () => Promise<T>, otherwise: (reason: string) => T): Promise<T> {
  return onSide('ledger', async () => {
    try {
      return await work();
    } catch (error) {
      const { retryable, reason } = classify(error);
      if (retryable && activityInfo().attempt < TRIES) throw error;
      log.warn('the ledger could not be read', { reason });
      return otherwise(reason);
    }
  });
}
