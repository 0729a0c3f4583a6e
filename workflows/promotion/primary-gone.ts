import { workflowInfo } from '@temporalio/workflow';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import { startCommand } from '../../src/planning/remedies/start-command.js';
import { selectionGiven } from '../../src/contract/selection.js';
import { selectionFor } from './policy.js';
import type { Promotion } from './promotion.js';
import { goneFinding, unlessGoneForGood } from './server-gone.js';

/**
 * Undoes what was prepared on the primary before the fence, and gives up if the primary stays away: a promotion that waits for it holds the pair's
 * lock, so that no run without the primary could start. Once the primary is fenced, the promotion waits for as long as it takes.
 *
 * @throws the failure of the work, or why the primary did not answer
 */
export async function unlessPrimaryStaysGone(
  { identity, undo }: Promotion,
  work: () => Promise<void>,
): Promise<void> {
  if (undo.changes.some(({ step, where }) => step !== 'wayBack' && where !== 'standby')) return work();
  return unlessGoneForGood('primary', identity, work);
}

/** The advice if the primary cannot be reached before anything was changed. A promotion fences the primary, so it needs one. */
export function primaryGoneAdvice(promotion: Promotion): string {
  return `; if the primary is gone for good, ${runWithoutPrimary(promotion)}`;
}

/** The primary is gone, and something has been prepared on it. */
export function primaryGoneFinding(promotion: Promotion, cause: Error): PromotionFinding {
  return goneFinding('primary', cause, `once the promotion has ended, ${runWithoutPrimary(promotion)}`);
}

const runWithoutPrimary = (promotion: Promotion) => startWithoutPrimary(promotion, promotion.pair);

/** @param pair the pair, or the reversed pair if its standby is the new primary */
export function startWithoutPrimary(promotion: Promotion, pair: string): string {
  const { ticket, requestedBy } = promotion;
  const { workflowId, taskQueue } = workflowInfo();
  const command = startCommand({
    taskQueue,
    workflowId: `${workflowId}-lost`,
    input: {
      ...{ pair, primary: 'lost' },
      ...selectionGiven(selectionFor(promotion)),
      ...(requestedBy === null ? {} : { requestedBy }),
      ...(ticket === null ? {} : { ticket }),
    },
  });
  return `start a run without it, and then promote by hand as docs/how-to/after-the-failover.md says: ${command}`;
}
