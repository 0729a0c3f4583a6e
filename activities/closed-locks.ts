import type { Client } from '@temporalio/client';
import { workflowIdCondition } from '../src/temporal/workflow-id-condition.js';

/** The timeout of each request, in milliseconds. The run has its lock already, and must not wait long. */
const WITHIN_MS = 5_000;
/** The most closed locks that one step deletes. Earlier releases left one for each run. */
const AT_ONCE = 20;

/**
 * Deletes the closed executions of a lock, so that a list of workflows shows one lock for each pair. It never deletes an open execution,
 * which would end it and free the pair. A closed execution never opens again. If the deletion is not allowed, or fails, the executions stay
 * until the retention period of the namespace is over.
 *
 * @param closed the run ID of an execution that is known to be closed, since the list may lag behind; null if there is none
 */
export async function deleteClosedLocks(
  client: Client,
  workflowId: string,
  closed: string | null,
): Promise<void> {
  const within = <T>(work: () => Promise<T>) => client.withDeadline(Date.now() + WITHIN_MS, work);
  const runIds = new Set(closed === null ? [] : [closed]);
  const condition = workflowIdCondition(workflowId);
  const { workflowService, options } = client;
  const { namespace } = options;
  if (condition !== null) {
    const query = `${condition} AND ExecutionStatus != 'Running'`;
    const listed = await within(() =>
      workflowService.listWorkflowExecutions({ namespace, query, pageSize: AT_ONCE }),
    ).catch(() => null);
    for (const { execution } of listed?.executions ?? [])
      if (execution?.workflowId === workflowId && execution.runId) runIds.add(execution.runId);
  }
  await within(() =>
    Promise.allSettled(
      [...runIds].map((runId) =>
        workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } }),
      ),
    ),
  );
}
