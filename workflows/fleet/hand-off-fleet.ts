import { workflowInfo } from '@temporalio/workflow';
import type { FleetInput } from '../../src/contract/fleet.js';
import type { FleetResult } from '../../src/contract/fleet-status.js';
import type { HandedOffFleet } from '../../src/contract/promotion-fleet-input.js';
import { findingsText } from '../../src/findings/findings-text.js';
import { watching } from '../activities.js';
import { runFailure } from '../ending.js';
import { startPromotion } from '../failover/start-promotion.js';

const promotionIdOf = ({ workflowId }: Pick<Promotion, 'workflowId'>) =>
  workflowId ?? `promote-${workflowInfo().workflowId}`;

/**
 * Checks whether the workflow ID of the promotion is free, so that nobody approves in vain.
 *
 * @throws ApplicationFailure `NotReady`
 */
export async function checkPromotionId(promotion: Promotion): Promise<void> {
  const { taskQueue } = promotion;
  const findings = await watching.checkHandoff.executeWithOptions(
    { summary: 'check whether the workflow ID of the promotion is free' },
    [{ taskQueue, workflowId: promotionIdOf(promotion) }],
  );
  const blocks = findings.filter(({ severity }) => severity === 'block');
  if (blocks.length > 0) throw runFailure('NotReady', `${findingsText(blocks)}; nothing was started`);
}

type Promotion = NonNullable<FleetInput['promotion']>;

/**
 * Starts the one promotion of all pairs. Each pair's promotion reads the record of its run by itself, since all
 * records together would be too large for a payload.
 *
 * @param runs of all pairs, which have all handed off
 * @throws ApplicationFailure `HandoffFailed`
 */
export async function handOffFleet(
  { ticket, requestedBy }: Pick<FleetInput, 'ticket' | 'requestedBy'>,
  promotion: Promotion,
  runs: HandedOffFleet['pairs'],
): Promise<NonNullable<FleetResult['handoff']>> {
  const { workflowType, taskQueue, input } = promotion;
  const { workflowId: fleet, runId } = workflowInfo();
  const workflowId = promotionIdOf(promotion);
  const handedOff: HandedOffFleet = {
    fleet: { workflowId: fleet, runId },
    ...{ ticket, requestedBy, pairs: runs },
  };
  const promotionRunId = await startPromotion({
    ...{ workflowType, taskQueue, workflowId, args: [handedOff, input ?? {}], isOwn: true },
    moreAdvice: ', and start promoteFleet by hand, with the same pairs',
  });
  return { workflowType, taskQueue, workflowId, runId: promotionRunId };
}
