import type { Client } from '@temporalio/client';
import { WORKFLOW_TYPES } from '../contract/names.js';
import { FailoverRun } from './failover-run.js';
import { FleetRun } from './fleet-run.js';
import { Promotion } from './promotion.js';
import { PromotionFleetRun } from './promotion-fleet.js';

/** A workflow of this product that people use. */
export type ProductWorkflow =
  | { kind: 'run'; run: FailoverRun }
  | { kind: 'fleet'; run: FleetRun }
  | { kind: 'promotion'; run: Promotion }
  | { kind: 'promotion-fleet'; run: PromotionFleetRun };

export type FoundWorkflow =
  | ProductWorkflow
  /** Something else, or a part of a run, with the type of the workflow. */
  | { kind: 'other'; type: string };

/** @throws WorkflowNotFoundError if there is none with this ID */
export async function findWorkflow(client: Client, workflowId: string): Promise<FoundWorkflow> {
  const { type } = await client.workflow.getHandle(workflowId).describe();
  return workflowOfType(client, type, workflowId);
}

/** @param runId default: the last run with this workflow ID */
export function workflowOfType(
  client: Client,
  type: string,
  workflowId: string,
  runId?: string,
): FoundWorkflow {
  switch (type) {
    case WORKFLOW_TYPES.run:
      return { kind: 'run', run: new FailoverRun(client, workflowId, runId) };
    case WORKFLOW_TYPES.fleet:
      return { kind: 'fleet', run: new FleetRun(client, workflowId, runId) };
    case WORKFLOW_TYPES.promotion:
      return { kind: 'promotion', run: new Promotion(client, workflowId, runId) };
    case WORKFLOW_TYPES.promotionFleet:
      return { kind: 'promotion-fleet', run: new PromotionFleetRun(client, workflowId, runId) };
    default:
      return { kind: 'other', type };
  }
}
