import type { WorkflowService } from '@temporalio/client';
import proto from '@temporalio/proto';

type PollerInfo = proto.temporal.api.taskqueue.v1.IPollerInfo;

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;
const TYPES = { workflow: TASK_QUEUE_TYPE_WORKFLOW, activity: TASK_QUEUE_TYPE_ACTIVITY };

/**
 * The pollers of a task queue. The server lists a poller for five minutes after its last poll. A poller that is alive polls again within
 * one minute.
 *
 * @param tasks the tasks that they poll for
 * @throws an error of gRPC if the server does not answer
 */
export async function pollersOf(
  service: WorkflowService,
  { namespace, taskQueue }: { namespace: string; taskQueue: string },
  tasks: keyof typeof TYPES = 'workflow',
): Promise<PollerInfo[]> {
  const { pollers } = await service.describeTaskQueue({
    ...{ namespace, taskQueue: { name: taskQueue }, taskQueueType: TYPES[tasks] },
  });
  return pollers;
}

/** The time of the last poll in milliseconds since the epoch, by the clock of the Temporal server; 0 if the server does not say. */
export function lastPollAt({ lastAccessTime }: PollerInfo): number {
  return Number(lastAccessTime?.seconds ?? 0) * 1000 + (lastAccessTime?.nanos ?? 0) / 1_000_000;
}
