import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import type { SideOfPair } from '../../src/contract/side.js';
import { block } from '../../src/planning/promotion/make-promotion-finding.js';
import { type TypedFailure, UNREACHABLE } from '../../src/steps/failures.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { temporaryFailure } from '../ending.js';
import { checking } from './activities.js';

/** How often a server is probed, and for how long it may fail to answer before the fence, in milliseconds. */
const PROBED = { everyMs: 10_000, unansweredForMs: 20_000 };

/** After this time without an answer, what is left to undo on the server is left to a person, in milliseconds. It does no harm there. */
const LEFT_AFTER_MS = 60_000;

/** The reason, if a step has failed because the server did not answer; otherwise null. */
export function whyGone(side: SideOfPair, cause: unknown): TypedFailure | null {
  const failure = temporaryFailure(cause);
  return failure?.type === UNREACHABLE[side] ? failure : null;
}

/**
 * Probes the server again and again. The steps themselves are retried for minutes, since a server that restarts must not end them.
 *
 * @returns the failure when the server is gone
 * @throws CancelledFailure
 */
export async function untilGone(
  side: SideOfPair,
  identity: PairIdentity,
  unansweredForMs = PROBED.unansweredForMs,
): Promise<TypedFailure> {
  const probe = side === 'primary' ? checking.awaitPrimary : checking.awaitStandby;
  for (;;) {
    await sleep(PROBED.everyMs, { summary: `probe the ${side} again` });
    try {
      await probe.executeWithOptions({ summary: `see that the ${side} still answers` }, [
        { identity, withinMs: unansweredForMs },
      ]);
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = whyGone(side, error);
      // Null if, for example, no worker has answered. The steps themselves fail then.
      if (failure !== null) return failure;
    }
  }
}

/**
 * Undoes something on the server, and gives up if the server stays away.
 *
 * @throws the failure of the work, or why the server did not answer
 */
export async function unlessGoneForGood(
  side: SideOfPair,
  identity: PairIdentity,
  work: () => Promise<void>,
): Promise<void> {
  const [working, watching] = [new CancellationScope(), new CancellationScope()];
  const reasons: TypedFailure[] = [];
  watching
    .run(() => untilGone(side, identity, LEFT_AFTER_MS))
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

/** The server is gone, and something is left to undo on it: the promotion waits for it for a while. @param otherwise what to do if it is gone for good */
export function goneFinding(side: SideOfPair, { message }: Error, otherwise: string): PromotionFinding {
  return block(
    side === 'primary' ? 'PRIMARY_UNREACHABLE' : 'STANDBY_UNREACHABLE',
    message,
    `bring the ${side} back, or correct the login that it refuses: as soon as the worker can connect, the promotion removes what it has prepared there. If the ${side} does not answer for about ${LEFT_AFTER_MS / 1000} seconds, the promotion ends as NotUndone, with the statements that remove it later. If the ${side} is gone for good: ${otherwise}`,
  );
}
