import { defineQuery, setHandler } from '@temporalio/workflow';
import { INTERNAL_SIGNALS, QUERIES } from '../../src/contract/names.js';
import type { PromotionFleetStatus } from '../../src/contract/promotion-fleet.js';
import type { MemberProgress } from '../promotion/fleet-signals.js';
import { listenForStop } from '../promotion/stop-messages.js';
import type { PromotionFleet } from './promotion-fleet.js';

const fleetStatusQuery = defineQuery<PromotionFleetStatus>(QUERIES.status);

/** Answers the query `status`, and takes the rejections of people and what the promotions of the pairs tell. */
export function listenToPromotionFleet(fleet: PromotionFleet): void {
  setHandler(fleetStatusQuery, () => fleet.status());
  listenForStop({
    what: 'a fleet of promotions',
    tooLate: 'too late: the fleet has ended, or it has decided already',
    isOpen: () => fleet.decision === null,
    reject: (by, reason) => {
      fleet.stop({ type: 'Rejected', message: `${by} rejected the promotion of the fleet: ${reason}` });
    },
    refuse: (refusal) => {
      fleet.refuse(refusal);
    },
    approvals: () => 0,
    receive: (name, [told]) => {
      if (name !== INTERNAL_SIGNALS.promotionMember) return false;
      fleet.report(told as MemberProgress);
      return true;
    },
    verdict: () => null,
  });
}
