import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../contract/names.js';
import { pollersOf } from '../temporal/pollers.js';
import type { Output } from './output.js';

/** Whether any worker has polled the task queue in the last five minutes. */
export async function hasWorker(client: Client): Promise<boolean> {
  const { namespace } = client.options;
  return (await pollersOf(client.workflowService, { namespace, taskQueue: TASK_QUEUE })).length > 0;
}

/**
 * Warns if no worker polls the task queue: the run would wait for a worker, without an error.
 *
 * @param seconds after which the run is stopped; never by default
 */
export async function noteMissingWorker(client: Client, output: Output, seconds?: number): Promise<void> {
  if (await hasWorker(client)) return;
  output.note(
    `No worker polls the task queue ${TASK_QUEUE}: the run waits for one${seconds === undefined ? '' : `, at most ${seconds} seconds`}. Start one with: sequence-failover worker`,
  );
}
