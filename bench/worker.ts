import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { takeLease } from '../src/local/reaper.js';
import { nodeOptions as workerOptions } from '../src/worker/heap.js';
import { startProcess, type ServerProcess } from '../src/local/server-process.js';
import { until } from '../src/local/until.js';

export interface Pair {
  readonly name: string;
  readonly primaryUrl: string;
  readonly standbyUrl: string;
}

export interface WorkerOptions {
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly pairs: readonly Pair[];
  /** For instance `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

export interface BenchWorker {
  /** Milliseconds since the epoch at which the process was started. */
  readonly startedAt: number;
  /** The peak of its resident memory, in bytes; null if the system does not show it. */
  peakMemory(): number | null;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts the worker as `npm run worker` does, and waits until it is running. */
export async function startWorker({
  temporal,
  pairs,
  nodeOptions = [],
}: WorkerOptions): Promise<BenchWorker> {
  const stop = async () => {
    await running?.stop();
    await lease.release();
  };
  let running: ServerProcess | null = null;
  const lease = takeLease('worker', stop);
  const log = join(lease.folder, 'worker.log');
  const pairsFile = join(lease.folder, 'pairs.yaml');
  const sides = pairs.map(({ name, primaryUrl, standbyUrl }) => [
    name,
    { primary: { url: primaryUrl }, standby: { url: standbyUrl } },
  ]);
  writeFileSync(pairsFile, JSON.stringify({ pairs: Object.fromEntries(sides) as unknown }));
  // The caller's environment may lead to another server.
  const profile = join(lease.folder, 'temporal.toml');
  writeFileSync(profile, '[profile.default]\n');
  const startedAt = Date.now();
  const { PATH, HOME, TMPDIR } = process.env;
  const child = await startProcess({
    lease,
    command: process.execPath,
    args: [...workerOptions, ...nodeOptions, resolve(import.meta.dirname, '../src/worker/main.js')],
    log,
    stopSignal: 'SIGTERM',
    env: {
      ...{ PATH, HOME, TMPDIR },
      PAIRS_FILE: pairsFile,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      TEMPORAL_CONFIG_FILE: profile,
      SHUTDOWN_GRACE: '1 second',
    },
  });
  running = child;
  const isRunning = () => {
    if (child.ending() !== null) throw new Error(`The worker ended at its start:\n${child.logTail()}`);
    return readFileSync(log, 'utf8').includes('"state":"RUNNING"');
  };
  await until(isRunning, { timeout: 60_000, interval: 5, what: 'the worker to run' });
  return {
    startedAt,
    peakMemory: () => kilobytes(readProc(`/proc/${child.pid}/status`), 'VmHWM'),
    pid: child.pid,
    stop,
  };
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function kilobytes(status: string, field: string): number | null {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return value === undefined ? null : Number(value) * 1024;
}
