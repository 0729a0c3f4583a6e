import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { QUERIES, TASK_QUEUE, UPDATES, WORKFLOW_TYPES } from '../contract/names.js';
import { PROMOTION_TASK_TIMEOUT, type PromotionResult, type PromotionStatus } from '../contract/promotion.js';
import { endingOf, type WorkflowEnding } from './ending.js';
import { ask, type Snapshot, snapshotOf } from './snapshot.js';

/** Milliseconds between two queries. */
const pollInterval = 100;

/** How a promotion has ended. */
export type PromotionEnding = WorkflowEnding<PromotionResult, PromotionStatus>;

/** A run of the workflow `promoteStandby`, as a client sees it. */
export class Promotion {
  readonly #client: Client;
  readonly #handle: WorkflowHandle;

  constructor(client: Client, workflowId: string) {
    this.#client = client;
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

  get workflowId(): string {
    return this.#handle.workflowId;
  }

  /** The answer of the query `status`. */
  async status(): Promise<PromotionStatus> {
    return ask<PromotionStatus>(this.#client, this.#handle, QUERIES.status);
  }

  /** The status of a promotion that has not ended, with the steps that Temporal tries again. */
  async snapshot(): Promise<Snapshot<PromotionStatus>> {
    return snapshotOf<PromotionStatus>(this.#client, this.#handle);
  }

  /** Queries the promotion until it has ended, and tells each status. */
  async ended(tell: (status: PromotionStatus) => void = () => undefined): Promise<PromotionEnding> {
    for (;;) {
      const snapshot = await this.snapshot();
      if (!snapshot.isOpen) break;
      tell(snapshot.status);
      await delay(pollInterval);
    }
    return this.ending();
  }

  /** @throws WorkflowUpdateFailedError, with the reason as its cause, where it is too late */
  async reject(message: { by: string; reason: string }): Promise<void> {
    await this.#handle.executeUpdate<unknown, [object]>(UPDATES.decide, {
      args: [{ decision: 'reject', ...message }],
    });
  }

  /** Waits for the end. */
  async ending(): Promise<PromotionEnding> {
    return endingOf<PromotionResult, PromotionStatus>(this.#handle);
  }
}
