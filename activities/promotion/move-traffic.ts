import { Context } from '@temporalio/activity';
import { retryableFailure } from '../../src/steps/failures.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import { withHeartbeat } from '../heartbeat.js';
import { assertPresent } from './present-attempt.js';

const TIMEOUT_MS = 10_000;

/** Makes the HTTP call that moves the clients. An answer of 200 to 299 is success; after any other it is tried again. */
export function moveTraffic(): PromotionActivities['moveTraffic'] {
  return (input) => withHeartbeat(() => move(input));
}

async function move({
  call: { url, method, body },
  ...moved
}: Parameters<PromotionActivities['moveTraffic']>[0]): Promise<void> {
  // A late attempt must not move the clients away from where a later promotion has moved them.
  await assertPresent();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const content = body === undefined ? moved : body;
  const answer = await fetch(url, {
    method,
    redirect: 'error',
    signal: AbortSignal.any([timeout, Context.current().cancellationSignal]),
    ...(method === 'GET'
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) }),
  }).catch((error: unknown) => {
    const { cause } = error as { cause?: { code?: string } };
    throw retryableFailure(
      'Retryable',
      `${new URL(url).host} gave no answer (${cause?.code ?? (error as Error).name})`,
    );
  });
  await answer.body?.cancel();
  if (answer.ok) return;
  throw retryableFailure('Retryable', `${new URL(url).host} answered ${answer.status}`);
}
