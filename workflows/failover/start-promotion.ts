import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import { PROMOTION_TASK_TIMEOUT } from '../../src/contract/promotion.js';
import { runFailure } from '../ending.js';
import { summary } from '../summary.js';
import { shellQuoted } from '../../src/contract/shell.js';

/** The workflow that promotes, and its arguments. */
export interface PromotionToStart {
  workflowType: string;
  taskQueue: string;
  workflowId: string;
  args: unknown[];
  /** Whether it is one of this project's own workflows. */
  isOwn: boolean;
  /** Follows the advice if it cannot be started. */
  moreAdvice?: string;
}

/**
 * Starts a promotion and does not wait for its end: once Temporal has accepted the start, it is handed off. The workflow ID can be used
 * again only after a failure, so that a promotion never runs twice.
 *
 * @returns its run ID
 * @throws ApplicationFailure `HandoffFailed`
 */
export async function startPromotion({
  workflowType,
  taskQueue,
  workflowId,
  args,
  isOwn,
  moreAdvice = '',
}: PromotionToStart): Promise<string> {
  try {
    // A cancellation comes too late here: there would be a promotion that the run, or the fleet, does not mention.
    const promotion = await CancellationScope.nonCancellable(() =>
      startChild(workflowType, {
        ...{ workflowId, taskQueue, args },
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        ...(isOwn && { workflowTaskTimeout: PROMOTION_TASK_TIMEOUT }),
        staticSummary: summary(`promotion handed off by ${workflowInfo().workflowId}`),
      }),
    );
    return promotion.firstExecutionRunId;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw runFailure(
      'HandoffFailed',
      `${workflowType} was not started: the workflow ID ${workflowId} is running or has completed already; see which, with: temporal workflow describe --workflow-id ${shellQuoted(workflowId)}; if it is not the promotion that you want, start a new run with another "workflowId" in "handoff"${moreAdvice}`,
    );
  }
}
