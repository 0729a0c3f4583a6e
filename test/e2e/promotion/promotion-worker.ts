import path from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { until } from '../../../src/local/until.js';
import { pollersOf } from '../../../src/temporal/pollers.js';
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
    async () => (await pollersOf(connection.workflowService, { namespace: 'default', taskQueue })).length > 0,
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
