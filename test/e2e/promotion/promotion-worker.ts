import path from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
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
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
