import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connection } from '@temporalio/client';
import { TASK_QUEUE } from '../contract/names.js';
import { pollersOf } from '../temporal/pollers.js';
import { nodeOptions } from '../worker/heap.js';
import { takeLease } from './reaper.js';
import { startProcess, type ServerProcess } from './server-process.js';
import { until } from './until.js';

export interface WorkerProcess {
  readonly log: string;
  isRunning(): boolean;
  /** Ends it and removes its log. Can be called again. */
  stop(): Promise<void>;
}

export interface WorkerProcessOptions {
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
}

/** Starts the worker as `npm run worker` does, with the given settings instead of the caller's environment. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const { primaryUrl, standbyUrl, temporal } = options;
  let child: ServerProcess | null = null;
  const stop = async () => {
    await child?.stop();
    await lease.release();
  };
  const lease = takeLease('worker', stop);
  const log = join(lease.folder, 'worker.log');
  // The caller's profile may have an API key or TLS settings for another server.
  const profile = join(lease.folder, 'temporal.toml');
  writeFileSync(profile, '[profile.default]\n');
  const { PATH, HOME, TMPDIR } = process.env;
  child = await startProcess({
    lease,
    command: process.execPath,
    args: [...nodeOptions, resolve(import.meta.dirname, '../worker/main.js')],
    log,
    stopSignal: 'SIGTERM',
    env: {
      ...{ PATH, HOME, TMPDIR },
      PRIMARY_URL: primaryUrl,
      STANDBY_URL: standbyUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      TEMPORAL_CONFIG_FILE: profile,
      SHUTDOWN_GRACE: '1 second',
    },
  });
  const started = child;
  return { log, isRunning: () => started.ending() === null, stop };
}

/** Waits until the server has seen a worker that polls for tasks. */
export async function workerPolls(connection: Connection, namespace: string): Promise<void> {
  const hasPoller = async () =>
    (await pollersOf(connection.workflowService, { namespace, taskQueue: TASK_QUEUE })).length > 0;
  await until(hasPoller, {
    timeout: 60_000,
    interval: 100,
    what: `a worker on the task queue ${TASK_QUEUE}`,
  });
}
