import type { Client } from '@temporalio/client';

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
  const condition = named(workflowId);
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

/**
 * The condition of a list. A string with " or \ matches nothing (server 1.32), so that only what comes before it is asked for.
 * @returns null if nothing comes before it: that would list all workflows
 */
function named(workflowId: string): string | null {
  const [before = ''] = workflowId.split(/["\\]/u);
  if (before === '') return null;
  const operator = before === workflowId ? '=' : 'STARTS_WITH';
  return `WorkflowId ${operator} '${before.replaceAll("'", "''")}'`;
}
