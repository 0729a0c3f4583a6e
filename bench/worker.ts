import { readFileSync } from 'node:fs';
import { type NamedPair, WorkerProcess } from '../src/local/worker-process.js';

export interface WorkerOptions {
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly pairs: readonly NamedPair[];
}

/** Starts a worker and waits until it is running. */
export async function startWorker({ temporal, pairs }: WorkerOptions): Promise<WorkerProcess> {
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    SHUTDOWN_GRACE: '1 second',
  };
  return (await WorkerProcess.start({ env, pairs })).untilRunning();
}

/** The peak of a process's resident memory, in bytes; null if the system does not show it. See proc_pid_status(5). */
export function peakMemory({ pid }: WorkerProcess): number | null {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readStatus(pid))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
