import type { PromotionFinding } from '../../contract/promotion.js';
import type { Finding } from '../../contract/status.js';
import { makeFinding } from '../../findings/make-finding.js';
import { subscribeFirst, type Publisher } from '../remedies/create-subscription.js';
import { block } from './make-promotion-finding.js';
import { asPromotionBlock } from './promotion-blocks.js';

const MESSAGE =
  'the standby has no enabled subscription to the primary: nothing could show that it has every row of the fenced primary';

/** @param replication the findings about the subscriptions, of which none is enabled */
export function noSubscription(publisher: Publisher, replication: readonly Finding[]): PromotionFinding {
  return block(
    'NO_SUBSCRIPTION',
    MESSAGE,
    isDisabled(replication)
      ? 'do what SUBSCRIPTION_DISABLED says, or promote the standby by hand'
      : `${subscribeFirst(publisher)}; or promote it by hand`,
  );
}

/** The same in a run that hands off to the promotion, in place of the warning of other runs. */
export function withoutSubscriptionAtHandoff(
  publisher: Publisher,
  replication: readonly Finding[],
): Finding[] {
  const finding = makeFinding('NO_SUBSCRIPTION', {
    ...{ sequence: null, count: 1, message: MESSAGE },
    remedy: `if its rows arrive in another way, and you will see that they are complete behind the fence, accept NO_SUBSCRIPTION; otherwise, ${isDisabled(replication) ? 'do what SUBSCRIPTION_DISABLED says' : subscribeFirst(publisher)}`,
  });
  return [...replication.filter(({ code }) => code !== 'NO_SUBSCRIPTION'), asPromotionBlock(finding)];
}

function isDisabled(replication: readonly Finding[]): boolean {
  return replication.some(({ code }) => code === 'SUBSCRIPTION_DISABLED');
}
