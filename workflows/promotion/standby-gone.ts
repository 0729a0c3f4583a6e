import { patched } from '@temporalio/workflow';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import type { Promotion } from './promotion.js';
import { goneFinding, unlessGoneForGood } from './server-gone.js';

/**
 * Undoes what was changed on the standby before it was opened, and gives up if the standby stays away: it may be gone for good, and the promotion
 * holds the pair's lock. A standby that may be open is waited for as long as it takes: when it is back, applications could write to both sides.
 * Earlier versions always waited.
 *
 * @throws the failure of the work, or why the standby did not answer
 */
export async function unlessStandbyStaysGone(promotion: Promotion, work: () => Promise<void>): Promise<void> {
  if (mayBeOpen(promotion) || !patched('standby-may-stay-gone')) return work();
  return unlessGoneForGood('standby', promotion.identity, work);
}

/** Whether an attempt to open the standby was made that is not undone yet. */
export function mayBeOpen({ undo }: Promotion): boolean {
  return undo.changes.some(({ step }) => step === 'open');
}

/** The standby is gone, and something has been prepared on it. */
export function standbyGoneFinding(cause: Error): PromotionFinding {
  return goneFinding(
    'standby',
    cause,
    'set up another one once the promotion has ended. What the promotion has prepared on the primary is removed',
  );
}
