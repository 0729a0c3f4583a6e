import {
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  executeChild,
  rootCause,
  workflowInfo,
} from '@temporalio/workflow';
import type { OperatorWorkflow } from '../../src/contract/promotion-input.js';
import { childId } from '../../src/steps/child-id.js';
import { summary } from '../summary.js';
import type { Promotion } from './promotion.js';

/** What an operator's workflow is asked for, as its argument says. */
export type Purpose = 'fence' | 'lift-fence' | 'before-switch' | 'traffic';

/**
 * Runs a workflow of the operator's and waits for its end. It is told what it is for, the two servers, and its own input.
 *
 * @throws ChildWorkflowFailure
 */
export async function askOperator(
  promotion: Promotion,
  purpose: Purpose,
  { workflowType, taskQueue, workflowId, input }: OperatorWorkflow,
): Promise<unknown> {
  const { workflowId: mine, runId, firstExecutionRunId } = workflowInfo();
  const { pair, ticket, requestedBy, input: given } = promotion;
  const { primary, standby } = promotion.status();
  const waits = purpose === 'fence';
  return executeChild(workflowType, {
    taskQueue,
    // One that is to be undone has an ID of its own, and so has each promotion.
    workflowId:
      workflowId === undefined
        ? childId(mine, `${firstExecutionRunId.slice(-12)}/${purpose}`)
        : purpose === 'lift-fence'
          ? `${workflowId}/lift`
          : workflowId,
    args: [
      {
        ...{ purpose, pair, rehearsal: given.rehearse, ticket, requestedBy, primary, standby },
        promotion: { workflowId: mine, runId },
        ...(input === undefined ? {} : { input }),
      },
    ],
    cancellationType: waits
      ? ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED
      : ChildWorkflowCancellationType.TRY_CANCEL,
    staticSummary: summary(`${purpose} of the promotion of ${pair}`),
  });
}

/** What an operator's workflow has failed with. */
export function whyItFailed(error: unknown): string | null {
  if (!(error instanceof ChildWorkflowFailure)) return null;
  return rootCause(error) ?? error.message;
}
