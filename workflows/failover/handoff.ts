import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { isOwnPromotion } from '../../src/contract/input.js';
import { PROMOTION_TASK_TIMEOUT } from '../../src/contract/promotion.js';
import type { RunResult } from '../../src/contract/status.js';
import { runFailure } from '../ending.js';
import type { Run } from './run.js';
import { summary } from '../summary.js';

/**
 * Starts the promotion with the whole record and does not wait for its end: once Temporal has accepted the start, it is handed off.
 * The workflow ID can be used again only after a failure, so that a promotion never runs twice.
 *
 * @throws ApplicationFailure `HandoffFailed`
 */
export async function handOff(run: Run): Promise<void> {
  run.gate.seal();
  run.enter('handing-off');
  const { handoff } = run.memory;
  if (handoff === null) {
    run.check('handOff');
    return;
  }
  const { workflowType, taskQueue, workflowId } = handoff;
  run.check('handOff');
  const argument: RunResult = { ...run.status(), phase: 'done', outcome: 'handed-off' };
  const input = run.input.handoff?.input;
  try {
    // A cancellation comes too late here: there would be a promotion that the run does not mention.
    const promotion = await CancellationScope.nonCancellable(() =>
      startChild(workflowType, {
        workflowId,
        taskQueue,
        args: input === undefined ? [argument] : [argument, input],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        ...(isOwnPromotion(handoff) && { workflowTaskTimeout: PROMOTION_TASK_TIMEOUT }),
        staticSummary: summary(`promotion handed off by ${run.origin.workflowId}`),
      }),
    );
    run.promotionStarted(promotion.firstExecutionRunId);
  } catch (error) {
    run.uncheck('handOff');
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      throw runFailure(
        'HandoffFailed',
        `${workflowType} was not started: the workflow ID ${workflowId} is running or has completed already; look at it with: temporal workflow describe --workflow-id ${JSON.stringify(workflowId)}`,
      );
    }
    throw error;
  }
}
