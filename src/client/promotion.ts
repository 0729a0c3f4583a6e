import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { QUERIES, TASK_QUEUE, WORKFLOW_TYPES } from '../contract/names.js';
import { PROMOTION_TASK_TIMEOUT, type PromotionResult, type PromotionStatus } from '../contract/promotion.js';
import { untilNoTaskIsInHand } from './failover-run.js';

/** Milliseconds between two queries. */
const pollInterval = 500;

/** How a promotion has ended. */
export type PromotionEnding =
  | { state: 'completed'; result: PromotionResult }
  | { state: 'failed'; type: string; message: string; status: PromotionStatus | null }
  | { state: 'cancelled' };

/** A run of the workflow `promoteStandby`, as a client sees it. */
export class Promotion {
  readonly #handle: WorkflowHandle;

  constructor(client: Client, workflowId: string) {
    this.#handle = client.workflow.getHandle(workflowId);
  }

  /** @throws WorkflowExecutionAlreadyStartedError while a promotion with this ID is open */
  static async start(client: Client, workflowId: string, input: object): Promise<Promotion> {
    await client.workflow.start(WORKFLOW_TYPES.promotion, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      workflowTaskTimeout: PROMOTION_TASK_TIMEOUT,
    });
    return new Promotion(client, workflowId);
  }

  /** Queries the promotion until it has ended, and tells each status. */
  async ending(tell: (status: PromotionStatus) => void): Promise<PromotionEnding> {
    for (;;) {
      await untilNoTaskIsInHand(this.#handle);
      const status = await this.#handle.query<PromotionStatus>(QUERIES.status);
      tell(status);
      if (status.phase === 'done') break;
      await delay(pollInterval);
    }
    try {
      return { state: 'completed', result: (await this.#handle.result()) as PromotionResult };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const { cause } = error;
      if (cause instanceof ApplicationFailure) {
        const status = (cause.details?.[0] ?? null) as PromotionStatus | null;
        return { state: 'failed', type: cause.type ?? 'Internal', message: cause.message, status };
      }
      if (cause instanceof CancelledFailure) return { state: 'cancelled' };
      throw error;
    }
  }
}
