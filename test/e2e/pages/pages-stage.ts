import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandScript } from '../stage/command.js';
import {
  createDatabasePair,
  startPair,
  type DatabasePair,
  type PostgresPair,
} from '../../../src/local/postgres-pair.js';
import { startTemporal, type TemporalServer } from '../../../src/local/temporal-server.js';
import { withClient } from '../../../src/local/with-client.js';
import { replayAll } from '../stage/replay-all.js';
import { TemporalCli } from '../stage/temporal-cli.js';
import type { WorkerProcess } from '../../../src/local/worker-process.js';
import { startWorker } from '../stage/worker-process.js';
import { Shell } from './shell.js';

export interface PagesPair extends DatabasePair {
  onPrimary(statement: string): Promise<void>;
  onStandby(statement: string): Promise<void>;
}

/** Two PostgreSQL servers, a Temporal server and a worker whose pairs have the names that the pages use. */
export class PagesStage {
  /** @param pairs the databases, by the names of their pairs */
  static async start(pairs: Readonly<Record<string, string>>): Promise<PagesStage> {
    const [servers, temporal] = await Promise.all([startPair(), startTemporal()]);
    const stage = new PagesStage(servers, temporal);
    await stage.#startWorker(pairs);
    return stage;
  }

  readonly cli: TemporalCli;
  /** Where the pages' commands run. */
  readonly folder = mkdtempSync(path.join(tmpdir(), 'sequence-failover-pages-'));
  readonly #pairs: DatabasePair[] = [];
  readonly #shells: Shell[] = [];
  #worker: WorkerProcess | undefined;

  private constructor(
    readonly servers: PostgresPair,
    private readonly temporal: TemporalServer,
  ) {
    this.cli = new TemporalCli(temporal.cli, temporal.address);
    const programs = path.join(this.folder, 'bin');
    mkdirSync(programs);
    symlinkSync(temporal.cli, path.join(programs, 'temporal'));
    writeFileSync(path.join(programs, 'sequence-failover'), commandScript, { mode: 0o755 });
  }

  get address(): string {
    return this.temporal.address;
  }

  /** The databases of a pair that the worker knows. */
  async pair(name: string, schema: string): Promise<PagesPair> {
    const pair = await createDatabasePair(this.servers, { name, schema });
    this.#pairs.push(pair);
    return {
      ...pair,
      onPrimary: (statement) => sql(pair.primaryUrl, statement),
      onStandby: (statement) => sql(pair.standbyUrl, statement),
    };
  }

  /** A shell with `temporal` and `sequence-failover` on its PATH, on an address that is not the default. */
  shell(env: Record<string, string> = {}): Shell {
    const shell = new Shell(
      {
        PATH: `${path.join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
        ...{ HOME: '/nonexistent', TEMPORAL_ADDRESS: this.address, LC_ALL: 'C.UTF-8', ...env },
      },
      this.folder,
    );
    this.#shells.push(shell);
    return shell;
  }

  /** Starts `sequenceFailover`. */
  async begin(workflowId: string, input: object): Promise<void> {
    await this.cli.json(
      ...['workflow', 'start', '--type', 'sequenceFailover', '--task-queue', 'sequence-failover'],
      ...['--workflow-id', workflowId, '--input', JSON.stringify(input)],
    );
  }

  async stop(): Promise<void> {
    for (const shell of this.#shells) await shell.end();
    await this.#worker?.stop();
    await this.cli.close();
    try {
      await replayAll(this.temporal.address);
    } finally {
      for (const pair of this.#pairs) await pair.drop();
      await Promise.all([this.temporal.stop(), this.servers.stop()]);
      rmSync(this.folder, { recursive: true });
    }
  }

  async #startWorker(databases: Readonly<Record<string, string>>): Promise<void> {
    const { primary, standby } = this.servers;
    const pairs = Object.fromEntries(
      Object.entries(databases).map(([name, database]) => [
        name,
        { primary: { url: primary.url(database) }, standby: { url: standby.url(database) } },
      ]),
    );
    const file = path.join(this.folder, 'pairs.yaml');
    writeFileSync(file, JSON.stringify({ pairs }));
    this.#worker = await startWorker({ TEMPORAL_ADDRESS: this.address, PAIRS_FILE: file });
  }
}

/** A connection for each statement, since a page may stop the server in between. */
async function sql(url: string, statement: string): Promise<void> {
  await withClient(url, (client) => client.query(statement));
}
