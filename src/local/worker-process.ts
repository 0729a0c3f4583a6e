import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connection } from '@temporalio/client';
import { TASK_QUEUE } from '../contract/names.js';
import { pollersOf } from '../temporal/pollers.js';
import { nodeOptions as usualOptions } from '../worker/heap.js';
import { takeLease, type Lease } from './reaper.js';
import { startProcess, type Ending, type ServerProcess } from './server-process.js';
import { until } from './until.js';

/** A pair of a PAIRS_FILE, with the URLs of its sides. */
export interface NamedPair {
  readonly name: string;
  readonly primaryUrl: string;
  readonly standbyUrl: string;
}

export interface WorkerProcessOptions {
  /** The worker's settings. Of the caller's environment, the worker gets only PATH and TMPDIR. */
  readonly env: Readonly<Record<string, string>>;
  /** The pairs of its PAIRS_FILE. Absent: `env` names the databases. */
  readonly pairs?: readonly NamedPair[];
  /** Options of Node.js, in addition to those that the worker always has. */
  readonly nodeOptions?: readonly string[];
  /** The main module. Default: that of the build that this module is a part of. */
  readonly program?: string;
}

/** The worker, started as `npm run worker` starts it, but with settings of its own. */
export class WorkerProcess {
  /** Milliseconds since the epoch at which the process was started. */
  readonly startedAt = Date.now();
  /** The file that it logs to. `stop` and `kill` remove it. */
  readonly log: string;
  readonly #lease: Lease;
  #process: ServerProcess | undefined;
  /** The content of the log, once it is removed. */
  #finalLog: string | undefined;

  /** @throws Error if it cannot be started. It may end soon after: see {@link untilRunning}. */
  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const worker = new WorkerProcess();
    try {
      await worker.#start(options);
      return worker;
    } catch (error) {
      await worker.stop();
      throw error;
    }
  }

  private constructor() {
    this.#lease = takeLease('worker', () => this.stop());
    this.log = join(this.#lease.folder, 'worker.log');
  }

  get pid(): number {
    if (this.#process === undefined) throw new Error('The worker was not started.');
    return this.#process.pid;
  }

  isRunning(): boolean {
    return this.#process?.ending() === null;
  }

  /** All that it has logged, also after it was stopped. */
  logged(): string {
    return this.#finalLog ?? (existsSync(this.log) ? readFileSync(this.log, 'utf8') : '');
  }

  /**
   * Waits until it polls for tasks, or else stops it.
   *
   * @throws Error with the end of the log if it ends before
   */
  async untilRunning(): Promise<this> {
    const polls = () => {
      if (!this.isRunning())
        throw new Error(`The worker ended at its start:\n${this.logged().slice(-4_000).trimEnd()}`);
      return this.logged().includes('"state":"RUNNING"');
    };
    try {
      await until(polls, { interval: 5, what: 'the worker to run' });
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends it gracefully, as an orchestrator does. Can be called again. */
  async stop(): Promise<void> {
    await this.#process?.stop();
    await this.#release();
  }

  /** SIGKILL: its running tasks are interrupted. */
  async kill(): Promise<Ending | undefined> {
    const ending = await this.#process?.kill();
    await this.#release();
    return ending;
  }

  async #start({ env, pairs, nodeOptions = [], program }: WorkerProcessOptions): Promise<void> {
    const main = program ?? resolve(import.meta.dirname, '../worker/main.js');
    this.#process = await startProcess({
      lease: this.#lease,
      command: process.execPath,
      args: [...usualOptions, ...nodeOptions, main],
      log: this.log,
      stopSignal: 'SIGTERM',
      env: {
        PATH: process.env['PATH'],
        TMPDIR: process.env['TMPDIR'],
        // The caller's Temporal profile may have an API key or TLS settings for another server.
        HOME: '/nonexistent',
        ...(pairs && { PAIRS_FILE: this.#writePairs(pairs) }),
        ...env,
      },
    });
  }

  #writePairs(pairs: readonly NamedPair[]): string {
    const sides = pairs.map(({ name, primaryUrl, standbyUrl }) => [
      name,
      { primary: { url: primaryUrl }, standby: { url: standbyUrl } },
    ]);
    const file = join(this.#lease.folder, 'pairs.yaml');
    writeFileSync(file, JSON.stringify({ pairs: Object.fromEntries(sides) as unknown }), { mode: 0o600 });
    return file;
  }

  async #release(): Promise<void> {
    this.#finalLog ??= this.logged();
    await this.#lease.release();
  }
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
