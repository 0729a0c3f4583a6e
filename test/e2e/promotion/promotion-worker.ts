import path from 'node:path';
import proto from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { until } from '../../../src/local/until.js';
import '../../quiet-runtime.js';

export interface PromotionWorker {
  stop(): Promise<void>;
}

/** A worker of another team, with workflows of its own on a task queue of its own. */
export async function startPromotionWorker(address: string, taskQueue: string): Promise<PromotionWorker> {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: path.resolve(import.meta.dirname, 'workflows.ts'),
  });
  const running = worker.run();
  // A run that comes before its first poll would find no worker.
  await until(
    async () => {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: 'default',
        taskQueue: { name: taskQueue },
        taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
      });
      return pollers.length > 0;
    },
    { what: `a poller of the task queue ${taskQueue}` },
  );
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
