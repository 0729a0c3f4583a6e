import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import type { FleetInput } from '../../src/contract/fleet.js';
import type { FleetResult } from '../../src/contract/fleet-status.js';
import { PROMOTION_TASK_TIMEOUT } from '../../src/contract/promotion.js';
import type { HandedOffFleet } from '../../src/contract/promotion-fleet-input.js';
import { runFailure } from '../ending.js';
import { summary } from '../summary.js';

/**
 * Starts the one promotion of all pairs and does not wait for its end. Each pair's promotion reads the record of its run by itself, since all
 * records together would be too large for a payload.
 *
 * @param runs of all pairs, which have all handed off
 * @throws ApplicationFailure `HandoffFailed`
 */
export async function handOffFleet(
  { ticket, requestedBy }: Pick<FleetInput, 'ticket' | 'requestedBy'>,
  { workflowType, taskQueue, workflowId: given, input }: NonNullable<FleetInput['promotion']>,
  runs: HandedOffFleet['pairs'],
): Promise<NonNullable<FleetResult['handoff']>> {
  const { workflowId: fleet, runId } = workflowInfo();
  const workflowId = given ?? `promote-${fleet}`;
  const handedOff: HandedOffFleet = {
    fleet: { workflowId: fleet, runId },
    ...{ ticket, requestedBy, pairs: runs },
  };
  try {
    // A cancellation comes too late here: there would be a promotion that the fleet does not mention.
    const promotion = await CancellationScope.nonCancellable(() =>
      startChild(workflowType, {
        ...{ workflowId, taskQueue, args: [handedOff, input ?? {}] },
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowTaskTimeout: PROMOTION_TASK_TIMEOUT,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        staticSummary: summary(`promotion handed off by ${fleet}`),
      }),
    );
    return { workflowType, taskQueue, workflowId, runId: promotion.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw runFailure(
      'HandoffFailed',
      `${workflowType} was not started: the workflow ID ${workflowId} is running or has completed already; look at it with: temporal workflow describe --workflow-id ${JSON.stringify(workflowId)}, and start promoteFleet by hand, with the same pairs`,
    );
  }
}
