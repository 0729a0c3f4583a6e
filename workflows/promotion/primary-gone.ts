import { CancellationScope, isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import type { PromotionFinding } from '../../src/contract/promotion.js';
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

/** After this time without an answer, what was prepared on the primary is left to a person, in milliseconds. It does no harm there. */
const LEFT_AFTER_MS = 60_000;

/**
 * Probes the primary again and again. The steps themselves are retried for minutes, since a server that restarts must not end them.
 *
 * @returns the failure when the primary is gone
 * @throws CancelledFailure
 */
export async function untilPrimaryIsGone(
  identity: PairIdentity,
  unansweredForMs = PROBED.unansweredForMs,
): Promise<TypedFailure> {
  for (;;) {
    await sleep(PROBED.everyMs, { summary: 'probe the primary again' });
    try {
      await checking.awaitPrimary.executeWithOptions({ summary: 'see that the primary still answers' }, [
        { identity, withinMs: unansweredForMs },
      ]);
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = temporaryFailure(error);
      // For example no worker has answered. The steps themselves fail then.
      if (failure?.type === 'PrimaryUnreachable') return failure;
    }
  }
}

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
  const [working, watching] = [new CancellationScope(), new CancellationScope()];
  const reasons: TypedFailure[] = [];
  watching
    .run(() => untilPrimaryIsGone(identity, LEFT_AFTER_MS))
    .then((failure) => {
      reasons.push(failure);
      working.cancel();
    })
    // It is cancelled when the work has ended.
    .catch(() => undefined);
  try {
    await working.run(work);
  } catch (error) {
    throw isCancellation(error) ? (reasons[0] ?? error) : error;
  } finally {
    watching.cancel();
  }
}

export function isPrimaryGone(cause: unknown): boolean {
  return temporaryFailure(cause)?.type === 'PrimaryUnreachable';
}

/** The advice if the primary cannot be reached before anything was changed. A promotion fences the primary, so it needs one. */
export function primaryGoneAdvice(promotion: Promotion): string {
  return `; if the primary is gone for good, ${runWithoutPrimary(promotion)}`;
}

/** The primary is gone, and something has been prepared on it: the promotion waits for it for a while, to remove that again. */
export function primaryGoneFinding(promotion: Promotion, { message }: Error): PromotionFinding {
  return block(
    'PRIMARY_UNREACHABLE',
    message,
    `bring the primary back: if it answers within about ${LEFT_AFTER_MS / 1000} seconds, the promotion removes what it has prepared there; otherwise it ends as NotUndone, with the statements that remove it later. If the primary is gone for good: once the promotion has ended, ${runWithoutPrimary(promotion)}`,
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
