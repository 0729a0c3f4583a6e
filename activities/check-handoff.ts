import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Finding } from '../src/contract/status.js';
import type { Activities } from '../src/steps/activities.js';
import { handoffId, handoffWorker, type StartsOn } from '../src/planning/pair/handoff-findings.js';
import { lastPollAt, pollersOf } from '../src/temporal/pollers.js';

/**
 * Checks that a worker polls the task queue of the promotion and that of the hook before it, and that the workflow ID of the promotion is
 * free. A promotion checks the task queues of its operators' workflows, and so does a run that leads to it.
 */
export function checkHandoff(): Activities['checkHandoff'] {
  return async ({ taskQueue, workflowId, hookTaskQueue, operators, ahead = [] }) => {
    const { client } = Context.current();
    const isHookOnly = workflowId === undefined && taskQueue === hookTaskQueue;
    const [worker, hook, id, ...ofOperators] = await Promise.all([
      isHookOnly || taskQueue === undefined
        ? []
        : checkWorker(client, taskQueue, operators === undefined ? 'promotion' : { operators }),
      hookTaskQueue === undefined ? [] : checkWorker(client, hookTaskQueue, 'hook'),
      workflowId === undefined ? [] : checkId(client, workflowId),
      ...ahead.map((one) => checkWorker(client, one.taskQueue, { operators: one.operators, isAhead: true })),
    ]);
    return [...worker, ...hook, ...id, ...ofOperators.flat()];
  };
}

async function checkWorker(client: Client, taskQueue: string, starts: StartsOn): Promise<Finding[]> {
  const { namespace } = client.options;
  const pollers = await pollersOf(client.workflowService, { namespace, taskQueue });
  // The time of the Temporal server, like the times of the polls.
  const now = Context.current().info.currentAttemptScheduledTimestampMs;
  return handoffWorker(
    taskQueue,
    pollers.map((poller) => now - lastPollAt(poller)),
    starts,
  );
}

async function checkId(client: Client, workflowId: string): Promise<Finding[]> {
  try {
    const { runId, type, status } = await client.workflow.getHandle(workflowId).describe();
    return handoffId({ workflowId, runId, workflowType: type, status: status.name });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}
