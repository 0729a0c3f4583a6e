import type { Client } from '@temporalio/client';

/** Milliseconds. A run has its lock by then, and must not wait long for tidiness. */
const WITHIN_MS = 5_000;
/** Of executions that earlier releases, or runs that followed each other quickly, have left. */
const AT_ONCE = 20;

/**
 * Deletes closed executions of a lock, so that lists of workflows show one for each pair. Only closed ones: to delete an open one would end it,
 * and an execution that has closed never opens again. If it is not allowed or fails, the executions stay until the namespace's retention is over.
 *
 * @param closed the run ID of one that is known to be closed, since lists of workflows follow a moment later; null for none
 */
export async function deleteClosedLocks(
  client: Client,
  workflowId: string,
  closed: string | null,
): Promise<void> {
  const within = <T>(work: () => Promise<T>) => client.withDeadline(Date.now() + WITHIN_MS, work);
  const runIds = new Set(closed === null ? [] : [closed]);
  const query = `WorkflowId = ${inQuotes(workflowId)} AND ExecutionStatus != 'Running'`;
  const { workflowService, options } = client;
  const { namespace } = options;
  const listed = await within(() =>
    workflowService.listWorkflowExecutions({ namespace, query, pageSize: AT_ONCE }),
  ).catch(() => null);
  for (const { execution } of listed?.executions ?? []) if (execution?.runId) runIds.add(execution.runId);
  await within(() =>
    Promise.allSettled(
      [...runIds].map((runId) =>
        workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } }),
      ),
    ),
  );
}

/** A text in a query of lists of workflows. */
function inQuotes(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
