import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { startPair, type PairOptions, type PostgresPair } from '../../../src/local/postgres-pair.js';
import type { PostgresServer } from '../../../src/local/postgres-server.js';
import { startTemporal, type TemporalServer } from '../../../src/local/temporal-server.js';
import { TASK_QUEUE, WORKFLOW_TYPES } from '../../../src/contract/names.js';
import { withClient } from '../../../src/local/with-client.js';
import { deletesSoon } from './deletes-soon.js';
import { json } from './payloads.js';
import { replayAll } from './replay-all.js';
import { StagedDatabase, StagedPair } from './staged-pair.js';
import { TemporalCli } from './temporal-cli.js';
import type { WorkerProcess } from '../../../src/local/worker-process.js';
import { startWorker } from './worker-process.js';
import { WorkflowRun } from './workflow-run.js';

/** The names of the pairs that a stage's worker knows. In each test, a pair has new databases. */
const PAIRS = ['pair_1', 'pair_2', 'pair_3'];

/** A password with characters that a URL has to encode. It must not appear in a history, in any encoding. */
export const PASSWORD = "pl@nted/S:ecret?%&'#é";

/** More pairs over the same databases: `<name>-limited` with connections as {@link LIMITED_ROLE}, `<name>-elsewhere` with its ledger in another database. */
export type Variant = 'limited' | 'elsewhere';

export interface StageOptions extends Pick<PairOptions, 'primary' | 'standby'> {
  /** Default: none. A worker tries the connections of all its pairs at its start, which takes time. */
  readonly variants?: readonly Variant[];
}

/** The role of the pairs whose names end in `-limited`. It may only log in. */
export const LIMITED_ROLE = 'sequence runner';

/**
 * The servers for one test file: two PostgreSQL servers, a Temporal server, and the worker as a separate process. The worker's
 * pairs file names the pairs of databases before they exist.
 */
export class Stage {
  readonly #free = [...PAIRS];
  #runs = 0;
  #worker: WorkerProcess | undefined;

  /** @param options also of the servers, such as their version */
  static async start({ variants = [], ...sides }: StageOptions = {}): Promise<Stage> {
    const both = { password: PASSWORD, settings: { max_connections: '100' } };
    const [servers, temporal] = await Promise.allSettled([
      startPair({ both, ...sides }),
      startTemporal(deletesSoon),
    ]);
    if (servers.status === 'fulfilled' && temporal.status === 'fulfilled') {
      const stage = new Stage(
        servers.value,
        temporal.value,
        mkdtempSync(join(tmpdir(), 'sequence-failover-stage-')),
      );
      try {
        await stage.#prepare(variants);
        return stage;
      } catch (error) {
        await stage.stop();
        throw error;
      }
    }
    if (servers.status === 'fulfilled') await servers.value.stop();
    if (temporal.status === 'fulfilled') await temporal.value.stop();
    throw servers.status === 'rejected' ? servers.reason : (temporal as PromiseRejectedResult).reason;
  }

  readonly cli: TemporalCli;

  private constructor(
    private readonly servers: PostgresPair,
    private readonly temporal: TemporalServer,
    private readonly folder: string,
  ) {
    this.cli = new TemporalCli(temporal.cli, temporal.address);
  }

  /** Replaces the present worker by one with these additional settings. */
  async restartWorker(env: Record<string, string> = {}): Promise<void> {
    await this.stopWorker();
    this.#worker = await startWorker({ ...this.workerSettings, ...env });
  }

  async stopWorker(): Promise<void> {
    await this.#worker?.stop();
    this.#worker = undefined;
  }

  /** SIGKILL: its running tasks are interrupted. After the test another worker is started, if the test did not do so. */
  async killWorker(): Promise<void> {
    onTestFinished(async () => {
      if (this.#worker === undefined) await this.restartWorker();
    });
    await this.#worker?.kill();
    this.#worker = undefined;
  }

  /** The environment of a worker for this stage. */
  get workerSettings() {
    return { TEMPORAL_ADDRESS: this.temporal.address, PAIRS_FILE: join(this.folder, 'pairs.yaml') };
  }

  /** Creates a pair of databases for the test, and drops it after the test. `schema` is run on both sides. */
  async pair(schema = ''): Promise<StagedPair> {
    const name = this.#free.shift();
    if (name === undefined) throw new Error(`one test has at most ${PAIRS.length} pairs`);
    const pair = await StagedPair.create(this.servers, name, schema);
    onTestFinished(async () => {
      await pair.drop();
      this.#free.push(name);
    });
    return pair;
  }

  /** The database with the ledger of the pairs whose names end in `-elsewhere`. */
  async elsewhere(): Promise<StagedDatabase> {
    const database = await StagedDatabase.connect(this.servers.primary.url());
    onTestFinished(() => database.close());
    return database;
  }

  /** Crashes the primary's server, and returns how to start it again. It is started again after the test at the latest. */
  losePrimary(): Promise<() => Promise<void>> {
    return crash(this.servers.primary);
  }

  /** The same for the standby's server. */
  loseStandby(): Promise<() => Promise<void>> {
    return crash(this.servers.standby);
  }

  /** Everything that the present worker has logged. */
  workerLog(): string {
    return this.#worker?.logged() ?? '';
  }

  /** Starts `sequenceFailover`. The run is ended after the test. */
  async start(
    input: object,
    { flags = [], workflowId }: { flags?: string[]; workflowId?: string } = {},
  ): Promise<WorkflowRun> {
    if (flags.length > 0) {
      return this.send(json(input), { flags, ...(workflowId === undefined ? {} : { workflowId }) });
    }
    const run = this.#next(workflowId);
    // By the client in this process, as most tests start a run: the command takes ten times its processor time.
    await this.cli.client().workflow.start(WORKFLOW_TYPES.run, {
      ...{ taskQueue: TASK_QUEUE, workflowId: run.workflowId, args: [input] },
    });
    return run;
  }

  /** Like `start`, with the input that the flags give. */
  async send(
    input: string[],
    {
      flags = [],
      workflowId,
      type = 'sequenceFailover',
    }: { flags?: string[]; workflowId?: string; type?: string } = {},
  ): Promise<WorkflowRun> {
    const run = this.#next(workflowId);
    await this.cli.json(
      ...['workflow', 'start', '--type', type, '--task-queue', 'sequence-failover'],
      ...['--workflow-id', run.workflowId, ...input, ...flags],
    );
    return run;
  }

  /** Like `start`, with a signal that arrives together with the start. */
  async signalWithStart(input: object, signal: string, argument: unknown): Promise<WorkflowRun> {
    const run = this.#next();
    await this.cli.json(
      ...['workflow', 'signal-with-start', '--type', 'sequenceFailover', '--task-queue', 'sequence-failover'],
      ...['--workflow-id', run.workflowId, ...json(input)],
      ...['--signal-name', signal, '--signal-input', JSON.stringify(argument)],
    );
    return run;
  }

  /** Replays all runs of the tests, and ends the servers. */
  async stop(): Promise<void> {
    await this.#worker?.stop();
    await this.cli.close();
    try {
      await replayAll(this.temporal.address);
    } finally {
      await Promise.all([this.temporal.stop(), this.servers.stop()]);
      rmSync(this.folder, { recursive: true });
    }
  }

  #next(workflowId?: string): WorkflowRun {
    this.#runs += 1;
    const run = new WorkflowRun(this.cli, workflowId ?? `run-${this.#runs}`);
    onTestFinished(() => run.terminate());
    return run;
  }

  async #prepare(variants: readonly Variant[]): Promise<void> {
    const { primary, standby } = this.servers;
    const pairBy = (...login: Parameters<PostgresServer['url']>) => ({
      primary: { url: primary.url(...login) },
      standby: { url: standby.url(...login) },
    });
    const pairs: Record<string, object> = {};
    for (const name of PAIRS) {
      pairs[name] = pairBy(name);
      const more: Record<Variant, object> = {
        limited: pairBy(name, LIMITED_ROLE, PASSWORD),
        elsewhere: { ...pairBy(name), ledger: { url: primary.url() } },
      };
      for (const variant of variants) pairs[`${name}-${variant}`] = more[variant];
    }
    pairs['wrong-password'] = pairBy('postgres', LIMITED_ROLE, `${PASSWORD}.`);
    writeFileSync(join(this.folder, 'pairs.yaml'), JSON.stringify({ pairs }));
    for (const server of [primary, standby]) {
      const role = `CREATE ROLE ${pg.escapeIdentifier(LIMITED_ROLE)} LOGIN PASSWORD ${pg.escapeLiteral(PASSWORD)}`;
      await withClient(server.url(), (client) => client.query(role));
    }
    await this.restartWorker();
  }
}

async function crash(server: PostgresServer): Promise<() => Promise<void>> {
  let isBack = false;
  const start = async () => {
    if (isBack) return;
    isBack = true;
    await server.start();
  };
  onTestFinished(start);
  await server.kill();
  return start;
}
