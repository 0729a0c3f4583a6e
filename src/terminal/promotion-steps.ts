import type { PromotionStepName } from '../contract/promotion.js';

/** What each step of a promotion does. */
export const PROMOTION_STEPS: Record<PromotionStepName, string> = {
  check: 'privileges and guardrails; nothing is touched',
  synchronize: 'every sequence ahead, the standby caught up',
  wayBack: 'publication, slot and subscription for the way back, proven to connect',
  fence: 'the primary takes no writes, and the last writer is gone',
  confirm: 'the standby has confirmed the last WAL position of the primary',
  verify: 'every sequence of both sides, read behind the fence',
  beforeSwitch: 'a workflow of yours may veto',
  open: 'the standby takes writes',
  traffic: 'the application is moved',
  enableWayBack: 'the old primary receives from the new one',
};
