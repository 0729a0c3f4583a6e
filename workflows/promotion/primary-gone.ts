import { isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import { shellQuoted } from '../../src/contract/shell.js';
import { block } from '../../src/planning/promotion/make-promotion-finding.js';
import { startCommand } from '../../src/planning/remedies/start-command.js';
import { selectionGiven } from '../../src/contract/selection.js';
import type { TypedFailure } from '../../src/steps/failures.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { temporaryFailure } from '../ending.js';
import { checking } from './activities.js';
import { selectionFor } from './policy.js';
import type { Promotion } from './promotion.js';

/** How often the primary is probed before the fence, and for how long it may fail to answer, in milliseconds. */
const PROBED = { everyMs: 10_000, unansweredForMs: 20_000 };

/**
 * Probes the primary again and again. The steps themselves are retried for minutes, since a server that restarts must not end them.
 *
 * @returns the failure when the primary is gone
 * @throws CancelledFailure
 */
export async function untilPrimaryIsGone(identity: PairIdentity): Promise<TypedFailure> {
  for (;;) {
    await sleep(PROBED.everyMs, { summary: 'probe the primary again' });
    try {
      await checking.awaitPrimary.executeWithOptions({ summary: 'see that the primary still answers' }, [
        { identity, withinMs: PROBED.unansweredForMs },
      ]);
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = temporaryFailure(error);
      // For example no worker has answered. The steps themselves fail then.
      if (failure?.type === 'PrimaryUnreachable') return failure;
    }
  }
}

export function isPrimaryGone(cause: unknown): boolean {
  return temporaryFailure(cause)?.type === 'PrimaryUnreachable';
}

/** The advice if the primary cannot be reached before anything was changed. A promotion fences the primary, so it needs one. */
export function primaryGoneAdvice(promotion: Promotion): string {
  return `; if the primary is gone for good, ${runWithoutPrimary(promotion)}`;
}

/** The primary is gone, and something has been prepared on it: the promotion waits for it, to remove that again. */
export function primaryGoneFinding(promotion: Promotion, { message }: Error): PromotionFinding {
  const id = shellQuoted(workflowInfo().workflowId);
  return block(
    'PRIMARY_UNREACHABLE',
    message,
    `bring the primary back: the promotion then removes what it has prepared there, and ends; or, if the primary is gone for good, end the promotion: temporal workflow terminate --workflow-id ${id}, undo on the standby what sequence-failover status ${id} shows, and ${runWithoutPrimary(promotion)}`,
  );
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
