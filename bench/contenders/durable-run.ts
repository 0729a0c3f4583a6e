import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Status } from '../../src/contract/status.js';
import { gateReached } from '../history.js';
import type { Reached } from '../stage.js';

export interface DurableRun {
  readonly workflowId: string;
  /** Milliseconds, from the client's call until the query `status` says that the gate is open. */
  readonly startToGate: number;
}

/** Starts `sequenceFailover` and waits at its gate. @throws Error where the gate is not open */
export async function runToGate(client: Client, { name, size }: Reached, buffer: number): Promise<DurableRun> {
  const workflowId = `bench-${name}-${randomUUID()}`;
  const start = performance.now();
  const handle = await client.workflow.start('sequenceFailover', {
    taskQueue: 'sequence-failover',
    workflowId,
    args: [{ pair: name, buffer: { calls: String(buffer) } }],
  });
  await gateReached(client, workflowId);
  const { phase, gate, counts, findings } = await handle.query<Status>('status');
  const startToGate = performance.now() - start;
  if (phase !== 'awaiting-approval' || gate?.state !== 'open' || counts.applied !== size) {
    throw new Error(`${workflowId} came to ${phase}, its gate ${gate?.state ?? 'missing'}: ${JSON.stringify({ counts, findings })}`);
  }
  return { workflowId, startToGate };
}

/** @returns milliseconds from the call of the update `decide` to the end of the run */
export async function approve(client: Client, workflowId: string): Promise<number> {
  const handle = client.workflow.getHandle(workflowId);
  const start = performance.now();
  const ended = handle.result();
  await handle.executeUpdate('decide', { args: [{ decision: 'approve', by: 'bench' }] });
  await ended;
  return performance.now() - start;
}

/** Ends a run without another look at its sequences. */
export async function reject(client: Client, workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  await handle.executeUpdate('decide', { args: [{ decision: 'reject', by: 'bench', reason: 'measured' }] });
  await handle.result().catch(() => undefined);
}
