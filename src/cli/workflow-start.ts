import type { FailoverRun } from '../client/failover-run.js';
import type { Promotion } from '../client/promotion.js';
import type { PromotionFleetRun } from '../client/promotion-fleet.js';
import type { GivenInput, GivenStart } from '../terminal/command-with-input.js';
import { isHandedOffFleet } from '../contract/promotion-fleet-input.js';
import { promotionFleetStart, promotionStart } from '../terminal/promotion-start.js';

/** How a run was started; null if that cannot be read here, and for a run of a fleet, which is started again with its fleet. */
export async function startOfRun(run: FailoverRun): Promise<GivenStart | null> {
  const start = await run.startedWith();
  if (start === null || start.isChild) return null;
  const [input = {}] = start.args;
  const isInput = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isInput ? { workflowId: run.workflowId, input: input as GivenInput } : null;
}

/** How a promotion, or a fleet of promotions, was started; null if that cannot be read here. */
export async function startOfPromotion(run: Promotion | PromotionFleetRun): Promise<GivenStart | null> {
  const start = await run.startedWith();
  if (start === null) return null;
  const [first, own = {}] = start.args;
  if (!isHandedOffFleet(first) || !('recordsOf' in run)) return promotionStart(run.workflowId, start.args);
  const records = await run.recordsOf(first.pairs);
  return (
    records && promotionFleetStart(run.workflowId, { handedOff: first, own: own as GivenInput, records })
  );
}
