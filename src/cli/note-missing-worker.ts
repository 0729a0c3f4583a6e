import type { Client } from '@temporalio/client';
import type { FailoverRun, RunEnding } from '../client/failover-run.js';
import { TASK_QUEUE } from '../contract/names.js';
import { pollersOf } from '../temporal/pollers.js';
import { errorText } from '../terminal/error-text.js';
import type { Output } from './output.js';

/** Whether any worker has polled the task queue in the last five minutes. */
export async function hasWorker(client: Client): Promise<boolean> {
  const { namespace } = client.options;
  return (await pollersOf(client.workflowService, { namespace, taskQueue: TASK_QUEUE })).length > 0;
}

/** Warns if no worker polls the task queue: the run would wait for a worker, without an error. */
export async function noteMissingWorker(client: Client, output: Output): Promise<void> {
  if (await hasWorker(client)) return;
  output.note(
    `No worker polls the task queue ${TASK_QUEUE}: the run waits until one comes. Start one with: sequence-failover worker`,
  );
}

/** Milliseconds until a run that has not ended is asked for its status. */
const LOOK_AFTER = 5_000;

/** Waits for the end of a run. If no worker answers meanwhile, a note says so. */
export async function endingOf(output: Output, run: FailoverRun): Promise<RunEnding> {
  let isOver = false;
  const look = setTimeout(() => {
    run.snapshot().catch((error: unknown) => {
      if (!isOver) output.note(errorText(error));
    });
  }, LOOK_AFTER);
  try {
    return await run.ending();
  } finally {
    isOver = true;
    clearTimeout(look);
  }
}
