import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { QUERIES, TASK_QUEUE, UPDATES, WORKFLOW_TYPES } from '../../src/contract/names.js';
import type { Status } from '../../src/contract/status.js';
import { gateReached } from '../history.js';
import type { Reached } from '../stage.js';

export interface DurableRun {
  readonly workflowId: string;
  /** Milliseconds, from the client's call until the query `status` says that the gate is open. */
  readonly startToGate: number;
}

/** Starts `sequenceFailover`. */
export async function startRun(client: Client, { name }: Reached, buffer: number): Promise<WorkflowHandle> {
  return client.workflow.start(WORKFLOW_TYPES.run, {
    taskQueue: TASK_QUEUE,
    workflowId: `bench-${name}-${randomUUID()}`,
    args: [{ pair: name, buffer: { calls: String(buffer) } }],
  });
}

/** Starts a run and waits at its gate. @throws Error where the gate is not open, or a sequence was not set */
export async function runToGate(client: Client, databases: Reached, buffer: number): Promise<DurableRun> {
  const start = performance.now();
  const handle = await startRun(client, databases, buffer);
  const { workflowId } = handle;
  await gateReached(client, workflowId);
  const { phase, gate, counts, findings } = await handle.query<Status>(QUERIES.status);
  const startToGate = performance.now() - start;
  if (phase !== 'awaiting-approval' || gate?.state !== 'open' || counts.applied !== databases.size) {
    throw new Error(
      `${workflowId} came to ${phase}, its gate ${gate?.state ?? 'missing'}: ${JSON.stringify({ counts, findings })}`,
    );
  }
  return { workflowId, startToGate };
}

/** @returns milliseconds from the call of the update `decide` to the end of the run */
export async function approve(client: Client, workflowId: string): Promise<number> {
  const handle = client.workflow.getHandle(workflowId);
  const start = performance.now();
  const ended = handle.result();
  await handle.executeUpdate(UPDATES.decide, { args: [{ decision: 'approve', by: 'bench' }] });
  await ended;
  return performance.now() - start;
}
