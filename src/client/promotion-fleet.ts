import type { Client } from '@temporalio/client';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { QUERIES, TASK_QUEUE, WORKFLOW_TYPES } from '../contract/names.js';
import { PROMOTION_TASK_TIMEOUT } from '../contract/promotion.js';
import type { PromotionFleetResult, PromotionFleetStatus } from '../contract/promotion-fleet.js';
import type { ApprovedRun } from '../contract/promotion-fleet-input.js';
import type { Status } from '../contract/status.js';
import { describePromotionFleetStart } from './describe-start.js';
import type { WorkflowEnding } from './ending.js';
import { ask } from './snapshot.js';
import { StoppableWorkflow } from './stoppable-workflow.js';

/** The number of runs whose records are asked for at the same time. */
const ASKED_AT_ONCE = 5;

/** How a fleet of promotions has ended. */
export type PromotionFleetEnding = WorkflowEnding<PromotionFleetResult, PromotionFleetStatus>;

/** A run of the workflow `promoteFleet`, for a client. */
export class PromotionFleetRun extends StoppableWorkflow<PromotionFleetResult, PromotionFleetStatus> {
  /** @throws WorkflowExecutionAlreadyStartedError while a fleet with this ID is open */
  static async start(client: Client, workflowId: string, input: object): Promise<PromotionFleetRun> {
    await client.workflow.start(WORKFLOW_TYPES.promotionFleet, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      workflowTaskTimeout: PROMOTION_TASK_TIMEOUT,
      ...describePromotionFleetStart(input),
    });
    return new PromotionFleetRun(client, workflowId);
  }

  /**
   * The records of the runs of a fleet, from their queries, since their results are shortened. Null if one of them cannot be read, for example
   * because its history was deleted, or no worker answers.
   */
  async recordsOf(runs: readonly ApprovedRun[]): Promise<Status[] | null> {
    const { client } = this;
    try {
      return await mapConcurrently(ASKED_AT_ONCE, runs, ({ workflowId, runId }) =>
        ask<Status>(client, client.workflow.getHandle(workflowId, runId), QUERIES.status),
      );
    } catch {
      return null;
    }
  }
}
