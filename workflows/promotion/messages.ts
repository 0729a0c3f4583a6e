import { defineQuery, setHandler } from '@temporalio/workflow';
import { QUERIES } from '../../src/contract/names.js';
import type { PromotionStatus } from '../../src/contract/promotion.js';
import type { BeforeTheSwitch } from './before-the-switch.js';
import type { Promotion } from './promotion.js';
import { listenForStop } from './stop-messages.js';

const promotionStatusQuery = defineQuery<PromotionStatus>(QUERIES.status);

/** Answers the query `status`, and takes the rejections of people and the orders of a fleet. */
export function listen(promotion: Promotion, before: BeforeTheSwitch): void {
  const { fleet } = promotion;
  setHandler(promotionStatusQuery, () => promotion.status());
  listenForStop({
    what: 'a promotion',
    tooLate: 'too late: the promotion has ended, or the standby is being opened',
    isOpen: () => before.isOpen,
    reject: (by, reason) => {
      before.abort('Rejected', `${by} rejected the promotion: ${reason}`);
    },
    refuse: (refusal) => {
      promotion.refuse(refusal);
    },
    approvals: () => promotion.approvals.length,
    receive: (name, args) => fleet?.receive(name, args) ?? false,
    verdict: () => (fleet?.isReady === true ? fleet.undoes() : null),
  });
}
