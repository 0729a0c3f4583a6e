import type { Client, WorkflowHandle } from '@temporalio/client';
import { QUERIES, TASK_QUEUE, UPDATES, WORKFLOW_TYPES } from '../contract/names.js';
import { PROMOTION_TASK_TIMEOUT } from '../contract/promotion.js';
import type { PromotionFleetResult, PromotionFleetStatus } from '../contract/promotion-fleet.js';
import { endingOf, type WorkflowEnding } from './ending.js';
import { ask, type Snapshot, snapshotOf } from './snapshot.js';

/** How a fleet of promotions has ended. */
export type PromotionFleetEnding = WorkflowEnding<PromotionFleetResult, PromotionFleetStatus>;

/** A run of the workflow `promoteFleet`, as a client sees it. */
export class PromotionFleetRun {
  readonly #client: Client;
  readonly #handle: WorkflowHandle;

  constructor(client: Client, workflowId: string) {
    this.#client = client;
    this.#handle = client.workflow.getHandle(workflowId);
  }

  /** @throws WorkflowExecutionAlreadyStartedError while a fleet with this ID is open */
  static async start(client: Client, workflowId: string, input: object): Promise<PromotionFleetRun> {
    await client.workflow.start(WORKFLOW_TYPES.promotionFleet, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      workflowTaskTimeout: PROMOTION_TASK_TIMEOUT,
    });
    return new PromotionFleetRun(client, workflowId);
  }

  get workflowId(): string {
    return this.#handle.workflowId;
  }

  /** The answer of the query `status`. */
  async status(): Promise<PromotionFleetStatus> {
    return ask<PromotionFleetStatus>(this.#client, this.#handle, QUERIES.status);
  }

  /** The status of a fleet that has not ended. */
  async snapshot(): Promise<Snapshot<PromotionFleetStatus>> {
    return snapshotOf<PromotionFleetStatus>(this.#client, this.#handle);
  }

  /** @throws WorkflowUpdateFailedError, with the reason as its cause, where it is too late */
  async reject(message: { by: string; reason: string }): Promise<void> {
    await this.#handle.executeUpdate<unknown, [object]>(UPDATES.decide, {
      args: [{ decision: 'reject', ...message }],
    });
  }

  /** Waits for the end. */
  async ending(): Promise<PromotionFleetEnding> {
    return endingOf<PromotionFleetResult, PromotionFleetStatus>(this.#handle);
  }
}
