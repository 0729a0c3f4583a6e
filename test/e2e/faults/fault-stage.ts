import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { onTestFinished } from 'vitest';
import { startPair, type PostgresPair } from '../../../src/local/postgres-pair.js';
import type { PostgresServer } from '../../../src/local/postgres-server.js';
import {
  startTemporal,
  type TemporalOptions,
  type TemporalServer,
} from '../../../src/local/temporal-server.js';
import { query } from './query.js';
import { replayAll } from '../stage/replay-all.js';
import { StagedPair } from '../stage/staged-pair.js';
import { TcpProxy } from '../stage/tcp-proxy.js';
import { TemporalCli } from '../stage/temporal-cli.js';
import type { WorkerProcess } from '../../../src/local/worker-process.js';
import { startWorker } from '../stage/worker-process.js';
import { WorkflowRun } from '../stage/workflow-run.js';

export interface FaultStageOptions {
  /** How many pairs there can be at a time. */
  pairs?: number;
  temporal?: TemporalOptions;
  /** Starts the two servers. Default: two servers with different system identifiers. */
  servers?: () => Promise<PostgresPair>;
}

/** A pair whose worker reaches either side through a network of its own, which can fail. */
export interface FaultyPair {
  readonly name: string;
  readonly databases: StagedPair;
  /** URLs of the superuser that bypass the proxies. */
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  readonly toPrimary: TcpProxy;
  readonly toStandby: TcpProxy;
}

type Networks = Pick<FaultyPair, 'toPrimary' | 'toStandby'>;

/** Two PostgreSQL servers, a Temporal server and workers, all of which can be made to fail. */
export class FaultStage {
  readonly #free: string[];
  readonly #networks = new Map<string, Networks>();
  #workers: WorkerProcess[] = [];
  #runs = 0;

  static async start({
    pairs = 3,
    temporal = {},
    servers: startServers = startServersAlike,
  }: FaultStageOptions = {}): Promise<FaultStage> {
    const [servers, server] = await Promise.all([startServers(), startTemporal(temporal)]);
    const connection = await Connection.connect({ address: server.address });
    const stage = new FaultStage(servers, server, connection, pairs);
    try {
      await stage.#prepare();
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  readonly client: Client;
  readonly cli: TemporalCli;
  readonly #folder = mkdtempSync(join(tmpdir(), 'sequence-failover-faults-'));

  private constructor(
    readonly servers: PostgresPair,
    readonly temporal: TemporalServer,
    private readonly connection: Connection,
    pairs: number,
  ) {
    this.client = new Client({ connection });
    this.cli = new TemporalCli(temporal.cli, temporal.address);
    this.#free = Array.from({ length: pairs }, (_, index) => `faulty_${index + 1}`);
  }

  /** The name of the same pair with connections as {@link RUNNER}, which is no superuser. */
  asRunner({ name }: FaultyPair): string {
    return `${name}-runner`;
  }

  /** Creates a pair of databases for the test, and drops it after the test. `schema` is run on both sides. */
  async pair(schema: string): Promise<FaultyPair> {
    const name = this.#free.shift();
    const networks = this.#networks.get(name ?? '');
    if (name === undefined || networks === undefined) throw new Error('no pair is left: ask for more');
    const databases = await StagedPair.create(this.servers, name, schema);
    await Promise.all([databases.primary, databases.standby].map((database) => database.sql(grants(name))));
    onTestFinished(async () => {
      await Promise.all([networks.toPrimary.heal(), networks.toStandby.heal()]);
      this.#restoreDestinations(networks);
      await databases.drop();
      this.#free.push(name);
    });
    return {
      name,
      databases,
      primaryUrl: this.servers.primary.url(name),
      standbyUrl: databases.standbyUrl,
      ...networks,
    };
  }

  /** Starts `sequenceFailover`; it is gone when the test ends. */
  async start(
    input: object,
    options: { workflowId?: string; memo?: Record<string, unknown> } = {},
  ): Promise<WorkflowRun> {
    this.#runs += 1;
    const { workflowId = `fault-${this.#runs}`, memo } = options;
    await this.client.workflow.start('sequenceFailover', {
      taskQueue: 'sequence-failover',
      workflowId,
      args: [input],
      ...(memo === undefined ? {} : { memo }),
    });
    const run = new WorkflowRun(this.cli, workflowId);
    onTestFinished(() => run.terminate());
    return run;
  }

  handle(run: WorkflowRun): WorkflowHandle {
    return this.client.workflow.getHandle(run.workflowId);
  }

  /** The types of a run's pending activities: scheduled, running on a worker, or being cancelled. */
  async pending(run: WorkflowRun): Promise<string[]> {
    return (await this.#activities(run)).map(({ activityType }) => activityType?.name ?? '');
  }

  /** The types of the activities that a worker is running and that are not cancelled. */
  async running(run: WorkflowRun): Promise<string[]> {
    const { PENDING_ACTIVITY_STATE_STARTED: started } = proto.temporal.api.enums.v1.PendingActivityState;
    const activities = await this.#activities(run);
    return activities
      .filter(({ state }) => state === started)
      .map(({ activityType }) => activityType?.name ?? '');
  }

  /** The oldest among the last heartbeats of the run's pending activities, in milliseconds since the epoch. */
  async oldestHeartbeat(run: WorkflowRun): Promise<number> {
    const activities = await this.#activities(run);
    return Math.min(
      ...activities.map(
        ({ lastHeartbeatTime }) =>
          Number(lastHeartbeatTime?.seconds ?? 0) * 1_000 + (lastHeartbeatTime?.nanos ?? 0) / 1e6,
      ),
    );
  }

  /** The highest attempt number among the run's pending activities of this type; 0 if there is none. */
  async attempts(run: WorkflowRun, activity: string): Promise<number> {
    const activities = await this.#activities(run);
    return Math.max(
      0,
      ...activities
        .filter(({ activityType }) => activityType?.name === activity)
        .map(({ attempt }) => attempt ?? 0),
    );
  }

  async startWorker(env: Record<string, string> = {}): Promise<void> {
    const pairsFile = join(this.#folder, 'pairs.yaml');
    this.#workers.push(
      await startWorker({ TEMPORAL_ADDRESS: this.temporal.address, PAIRS_FILE: pairsFile, ...env }),
    );
  }

  /**
   * Kills workers with SIGKILL. Their running tasks are interrupted.
   *
   * @param oldest how many, in the order in which they were started; default: all
   */
  async killWorkers(oldest = this.#workers.length): Promise<void> {
    await Promise.all(this.#workers.splice(0, oldest).map((worker) => worker.kill()));
  }

  /** The present workers stand still, like on a machine that is paused. Their tasks go to a new worker, and then they go on. */
  async pauseWorkers(ms: number): Promise<void> {
    const paused = [...this.#workers];
    for (const { pid } of paused) process.kill(pid, 'SIGSTOP');
    try {
      await this.startWorker();
      await delay(ms);
    } finally {
      for (const { pid } of paused) process.kill(pid, 'SIGCONT');
    }
  }

  /** Replays what the tests have run, and ends everything. */
  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.connection.close();
    await this.cli.close();
    try {
      await replayAll(this.temporal.address);
    } finally {
      const networks = [...this.#networks.values()].flatMap(({ toPrimary, toStandby }) => [
        toPrimary,
        toStandby,
      ]);
      await Promise.all([
        ...networks.map((network) => network.stop()),
        this.temporal.stop(),
        this.servers.stop(),
      ]);
      rmSync(this.#folder, { recursive: true });
    }
  }

  async #activities(run: WorkflowRun) {
    const { raw } = await this.handle(run).describe();
    return raw.pendingActivities ?? [];
  }

  #restoreDestinations({ toPrimary, toStandby }: Networks): void {
    toPrimary.leadTo(this.servers.primary);
    toStandby.leadTo(this.servers.standby);
  }

  async #prepare(): Promise<void> {
    const pairs: Record<string, object> = {};
    for (const name of this.#free) {
      const [toPrimary, toStandby] = await Promise.all([
        TcpProxy.start(this.servers.primary),
        TcpProxy.start(this.servers.standby),
      ]);
      this.#networks.set(name, { toPrimary, toStandby });
      pairs[name] = {
        primary: { url: through(toPrimary, this.servers.primary, name) },
        standby: { url: through(toStandby, this.servers.standby, name) },
      };
      pairs[`${name}-runner`] = {
        primary: { url: through(toPrimary, this.servers.primary, name, RUNNER) },
        standby: { url: through(toStandby, this.servers.standby, name, RUNNER) },
      };
    }
    for (const server of [this.servers.primary, this.servers.standby]) {
      await query(server.url(), `CREATE ROLE ${RUNNER} LOGIN PASSWORD '${RUNNER}'`);
    }
    writeFileSync(join(this.#folder, 'pairs.yaml'), JSON.stringify({ pairs }));
    await this.startWorker();
  }
}

/** Both servers have the same password, so that a proxy can lead to the other one. */
const startServersAlike = () => startPair({ both: { password: 'the same' } });

/** A role on both servers, and its password. */
export const RUNNER = 'runner';

const grants = (database: string) => `
  GRANT CREATE ON DATABASE ${database} TO ${RUNNER};
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${RUNNER};
  GRANT SELECT, USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA public TO ${RUNNER}`;

/** The server's URL by way of a proxy. */
function through(proxy: TcpProxy, server: PostgresServer, database: string, role?: string): string {
  const url = new URL(server.url(database, role, role));
  url.port = String(proxy.port);
  return url.href;
}
