import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Finding } from '../src/contract/status.js';
import type { Activities } from '../src/steps/activities.js';
import { handoffId, handoffWorker, type StartsOn } from '../src/planning/handoff-findings.js';

/**
 * Checks that a worker polls the task queue of the promotion and that of the hook before it, and that the workflow ID of the promotion is
 * free. A promotion checks the task queues of its operators' workflows.
 */
export function checkHandoff(): Activities['checkHandoff'] {
  return async ({ taskQueue, workflowId, hookTaskQueue, operators }) => {
    const { client } = Context.current();
    const isHookOnly = workflowId === undefined && taskQueue === hookTaskQueue;
    const [worker, hook, id] = await Promise.all([
      isHookOnly ? [] : checkWorker(client, taskQueue, operators === undefined ? 'promotion' : { operators }),
      hookTaskQueue === undefined ? [] : checkWorker(client, hookTaskQueue, 'hook'),
      workflowId === undefined ? [] : checkId(client, workflowId),
    ]);
    return [...worker, ...hook, ...id];
  };
}

async function checkWorker(client: Client, taskQueue: string, starts: StartsOn): Promise<Finding[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  // The time of the Temporal server, like the times of the polls.
  const now = Context.current().info.currentAttemptScheduledTimestampMs;
  return handoffWorker(
    taskQueue,
    pollers.map(({ lastAccessTime }) => now - toMs(lastAccessTime)),
    starts,
  );
}

function toMs(time: proto.google.protobuf.ITimestamp | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1_000_000;
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
