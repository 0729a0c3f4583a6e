import { readFileSync } from 'node:fs';
import path from 'node:path';
import { takeLease } from '../../../src/local/reaper.js';
import { startProcess, type ServerProcess } from '../../../src/local/server-process.js';
import { until } from '../../../src/local/until.js';

const main = path.resolve(import.meta.dirname, '../../../dist/src/worker/main.js');

/** A worker in a separate process, as `npm run worker` starts it. */
export interface WorkerProcess {
  /** Everything that it has logged, also after it has ended. */
  log(): string;
  /** Stops it gracefully, as an orchestrator does. */
  stop(): Promise<void>;
  /** SIGKILL: its running tasks are interrupted. */
  kill(): Promise<void>;
}

/**
 * @param env its whole environment, except the PATH
 * @param program its main module; default: that of the build
 */
export async function startWorker(env: Record<string, string>, program = main): Promise<WorkerProcess> {
  let running: ServerProcess | null = null;
  let final: string | null = null;
  const release = async (): Promise<void> => {
    final ??= log();
    await lease.release();
  };
  const stop = async (): Promise<void> => {
    await running?.stop();
    await release();
  };
  const lease = takeLease('worker', stop);
  const logFile = path.join(lease.folder, 'log');
  const log = () => final ?? readFileSync(logFile, 'utf8');
  const started = await startProcess({
    lease,
    command: process.execPath,
    args: [program],
    log: logFile,
    stopSignal: 'SIGTERM',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
  });
  running = started;
  const isReady = () => {
    if (started.ending() !== null) throw new Error(`the worker ended at its start:\n${started.logTail()}`);
    return log().includes('"state":"RUNNING"');
  };
  await until(isReady, { what: 'the worker to run' });
  const kill = async (): Promise<void> => {
    await started.kill();
    await release();
  };
  return { log, stop, kill };
}
