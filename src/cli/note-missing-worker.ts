import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { TASK_QUEUE } from '../contract/names.js';
import type { Output } from './output.js';

/** Whether any worker has polled the task queue in the last minutes. */
export async function hasWorker(client: Client): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: TASK_QUEUE },
    taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  return pollers.length > 0;
}

/** Warns if no worker polls the task queue: the run would wait for a worker, without an error. */
export async function noteMissingWorker(client: Client, output: Output): Promise<void> {
  if (await hasWorker(client)) return;
  output.note(
    `No worker polls the task queue ${TASK_QUEUE}: the run waits until one comes. Start one with: sequence-failover worker`,
  );
}
