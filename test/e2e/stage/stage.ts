import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { startPair, type PairOptions, type PostgresPair } from '../../../src/local/postgres-pair.js';
import { startTemporal, type TemporalServer } from '../../../src/local/temporal-server.js';
import { json } from './payloads.js';
import { replayAll } from './replay-all.js';
import { StagedDatabase, StagedPair } from './staged-pair.js';
import { TemporalCli } from './temporal-cli.js';
import { startWorker, type WorkerProcess } from './worker-process.js';
import { WorkflowRun } from './workflow-run.js';

/** Of the pairs that a stage's worker knows. Each has other databases in every test that takes it. */
const PAIRS = ['pair_1', 'pair_2', 'pair_3'];

/** Full of what a URL has to encode: none of it, in whatever spelling, may ever be seen in a history. */
export const PASSWORD = "pl@nted/S:ecret?%&'#é";

/** The role of the pairs whose names end in `-limited`: it may log in, and nothing else. */
export const LIMITED_ROLE = 'sequence runner';

/**
 * All that a run needs, for one test file: two PostgreSQL servers, a Temporal server and the worker as a process of its
 * own, which knows its pairs of databases from a pairs file before they exist.
 */
export class Stage {
  readonly #free = [...PAIRS];
  #runs = 0;
  #worker: WorkerProcess | undefined;

  /** @param sides what is special about the servers, such as their version */
  static async start(sides: Pick<PairOptions, 'primary' | 'standby'> = {}): Promise<Stage> {
    const both = { password: PASSWORD, settings: { max_connections: '100' } };
    const [servers, temporal] = await Promise.allSettled([startPair({ both, ...sides }), startTemporal()]);
    if (servers.status === 'fulfilled' && temporal.status === 'fulfilled') {
      const stage = new Stage(
        servers.value,
        temporal.value,
        mkdtempSync(join(tmpdir(), 'sequence-failover-stage-')),
      );
      try {
        await stage.#prepare();
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

  /** Another worker instead of the present one, with these settings besides. */
  async restartWorker(env: Record<string, string> = {}): Promise<void> {
    await this.stopWorker();
    this.#worker = await startWorker({ ...this.workerSettings, ...env });
  }

  async stopWorker(): Promise<void> {
    await this.#worker?.stop();
    this.#worker = undefined;
  }

  /** SIGKILL: what it had in hand is left as it is. */
  async killWorker(): Promise<void> {
    await this.#worker?.kill();
    this.#worker = undefined;
  }

  /** What a worker needs to know to work on this stage. */
  get workerSettings() {
    return { TEMPORAL_ADDRESS: this.temporal.address, PAIRS_FILE: join(this.folder, 'pairs.yaml') };
  }

  /** A pair of databases of the test's own, gone with the test. `schema` is run on both sides. */
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

  /** The database that keeps the ledger of the pairs whose names end in `-elsewhere`. */
  async elsewhere(): Promise<StagedDatabase> {
    const database = await StagedDatabase.connect(this.servers.primary.url());
    onTestFinished(() => database.close());
    return database;
  }

  /** The primary's server crashes, and is back only after the test. */
  async losePrimary(): Promise<void> {
    onTestFinished(() => this.servers.primary.start());
    await this.servers.primary.kill();
  }

  /** All that the present worker logged. */
  workerLog(): string {
    return this.#worker?.log() ?? '';
  }

  /** Starts `sequenceFailover`; it is gone when the test ends. */
  async start(
    input: object,
    { flags = [], workflowId }: { flags?: string[]; workflowId?: string } = {},
  ): Promise<WorkflowRun> {
    return this.send(json(input), { flags, ...(workflowId === undefined ? {} : { workflowId }) });
  }

  /** As `start`, with whatever input the flags say. */
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

  /** As `start`, with a signal that is there before anything else has happened. */
  async signalWithStart(input: object, signal: string, argument: unknown): Promise<WorkflowRun> {
    const run = this.#next();
    await this.cli.json(
      ...['workflow', 'signal-with-start', '--type', 'sequenceFailover', '--task-queue', 'sequence-failover'],
      ...['--workflow-id', run.workflowId, ...json(input)],
      ...['--signal-name', signal, '--signal-input', JSON.stringify(argument)],
    );
    return run;
  }

  /** Replays what the tests have run, and ends everything. */
  async stop(): Promise<void> {
    await this.#worker?.stop();
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

  async #prepare(): Promise<void> {
    const sides = [this.servers.primary, this.servers.standby] as const;
    const pairs: Record<string, object> = {};
    for (const name of PAIRS) {
      const [primary, standby] = sides.map((server) => ({ url: server.url(name) }));
      const [limitedPrimary, limitedStandby] = sides.map((server) => ({
        url: server.url(name, LIMITED_ROLE, PASSWORD),
      }));
      pairs[name] = { primary, standby };
      pairs[`${name}-limited`] = { primary: limitedPrimary, standby: limitedStandby };
      pairs[`${name}-elsewhere`] = { primary, standby, ledger: { url: this.servers.primary.url() } };
    }
    const [primary, standby] = sides.map((server) => ({
      url: server.url('postgres', LIMITED_ROLE, `${PASSWORD}.`),
    }));
    pairs['wrong-password'] = { primary, standby };
    writeFileSync(join(this.folder, 'pairs.yaml'), JSON.stringify({ pairs }));
    for (const server of sides) {
      const admin = new pg.Client(server.url());
      await admin.connect();
      const role = `CREATE ROLE ${pg.escapeIdentifier(LIMITED_ROLE)} LOGIN PASSWORD ${pg.escapeLiteral(PASSWORD)}`;
      await admin.query(role).finally(() => admin.end());
    }
    await this.restartWorker();
  }
}
