import type { Client } from '@temporalio/client';
import { workflowIdCondition } from '../temporal/workflow-id-condition.js';

/** One run with a workflow ID: of a continue-as-new chain it is the last. */
export interface OneRun {
  runId: string;
  startedAt: string;
}

/**
 * The runs with a workflow ID, the newest first. The list of the server may be some seconds behind.
 *
 * @param limit the most runs
 */
export async function runsOf(client: Client, workflowId: string, limit: number): Promise<OneRun[]> {
  const condition = workflowIdCondition(workflowId);
  if (condition === null) return [];
  const query = `${condition} AND ExecutionStatus != 'ContinuedAsNew'`;
  const runs: OneRun[] = [];
  for await (const found of client.workflow.list({ query })) {
    if (found.workflowId !== workflowId) continue;
    runs.push({ runId: found.runId, startedAt: found.startTime.toISOString() });
    if (runs.length === limit) break;
  }
  return runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}
