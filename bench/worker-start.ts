import { approve, startRun } from './contenders/durable-run.js';
import type { Case } from './databases.js';
import { firstTaskAt, gateReached } from './history.js';
import type { Stage } from './stage.js';

/** Milliseconds from the start of the worker's process until it gets a task that is already waiting. */
export async function measureWorkerStart(stage: Stage, wanted: Case, runs: number): Promise<number[]> {
  const databases = await stage.reach(wanted, 'loopback');
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await stage.stopWorker();
    const { workflowId } = await startRun(stage.client, databases, 1_000_000_000 + run * 10_000);
    const worker = await stage.restartWorker();
    await gateReached(stage.client, workflowId);
    times.push((await firstTaskAt(stage.client, workflowId)) - worker.startedAt);
    await approve(stage.client, workflowId);
  }
  return times;
}
