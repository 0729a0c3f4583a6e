import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE, WORKFLOW_TYPES } from '../contract/names.js';
import { PROMOTION_TASK_TIMEOUT, type PromotionResult, type PromotionStatus } from '../contract/promotion.js';
import { describePromotionStart } from './describe-start.js';
import type { WorkflowEnding } from './ending.js';
import { StoppableWorkflow } from './stoppable-workflow.js';

/** Milliseconds between two queries. */
const POLL_INTERVAL_MS = 100;

/** How a promotion has ended. */
export type PromotionEnding = WorkflowEnding<PromotionResult, PromotionStatus>;

/** A run of the workflow `promoteStandby`, for a client. */
export class Promotion extends StoppableWorkflow<PromotionResult, PromotionStatus> {
  /** @throws WorkflowExecutionAlreadyStartedError while a promotion with this ID is open */
  static async start(client: Client, workflowId: string, input: object): Promise<Promotion> {
    await client.workflow.start(WORKFLOW_TYPES.promotion, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      workflowTaskTimeout: PROMOTION_TASK_TIMEOUT,
      ...describePromotionStart(input),
    });
    return new Promotion(client, workflowId);
  }

  /** Queries the promotion until it has ended, and reports each status. */
  async ended(onStatus: (status: PromotionStatus) => void = () => undefined): Promise<PromotionEnding> {
    for (;;) {
      const snapshot = await this.snapshot();
      if (!snapshot.isOpen) break;
      onStatus(snapshot.status);
      await delay(POLL_INTERVAL_MS);
    }
    return this.ending();
  }
}
