import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startPair, type DatabasePair, type PostgresPair } from '../src/local/postgres-pair.js';
import { startTemporal, type TemporalServer } from '../src/local/temporal-server.js';
import type { NamedPair, WorkerProcess } from '../src/local/worker-process.js';
import { type Case, createDatabases } from './databases.js';
import { childrenNamed, processorTime, type ProcessorTime } from './processor-time.js';
import { startLatencyProxy, type LatencyProxy } from './latency-proxy.js';
import { startWorker } from './worker.js';

/** The connection to the databases: on the same machine, or with a round trip of 20 ms. */
export type Line = 'loopback' | '20 ms';

/** The databases of a case, by the URLs of one line. */
export interface Reached extends NamedPair, Case {
  readonly line: Line;
  /** The URL by which the standby's server connects to the primary, over the same line. */
  readonly dblinkUrl: string;
  /** Direct connections, for work that is not measured. */
  readonly direct: NamedPair;
}

export interface Stage {
  readonly servers: PostgresPair;
  readonly temporal: TemporalServer;
  readonly client: Client;
  worker(): WorkerProcess;
  /** The processor time of the worker, Temporal and both servers until now. */
  processorTime(): ProcessorTime;
  stopWorker(): Promise<void>;
  /** Replaces the present worker by a new one. */
  restartWorker(): Promise<WorkerProcess>;
  /** The databases of a case. They are created when they are first needed. */
  reach(wanted: Case, line: Line): Promise<Reached>;
  /** Drops the databases of a case. */
  drop(wanted: Case): Promise<void>;
  stop(): Promise<void>;
}

/** The round trip of the link, in milliseconds. */
export const ROUND_TRIP_MS = 20;

/**
 * The default settings, except for a larger lock table: the dblink function holds a lock on every sequence until it ends, and
 * would fail at about 10,000 sequences with the default.
 */
export const settings = {
  fsync: 'on',
  full_page_writes: 'on',
  wal_writer_delay: '200ms',
  max_wal_size: '8GB',
  max_locks_per_transaction: '2048',
};

/** The most sequences with a table each: a server needs minutes to create more tables. */
const TABLES_AT_MOST = 10_000;

export function ofSequences(size: number): Case {
  return { size, shape: 'sequences' };
}

/** The largest of the sizes, with a table for each sequence. */
export function ofTables(sizes: readonly number[]): Case {
  return { size: Math.min(TABLES_AT_MOST, Math.max(...sizes)), shape: 'tables' };
}

/** Starts both servers, Temporal and a worker that knows every case. */
export async function startStage(
  cases: readonly Case[],
  { serverSettings = {}, binaries }: { serverSettings?: Record<string, string>; binaries?: string } = {},
): Promise<Stage> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const [servers, temporal] = await Promise.all([
      startPair({ both: { settings: { ...settings, ...serverSettings }, ...(binaries && { binaries }) } }),
      startTemporal(),
    ]);
    stops.push(
      () => servers.stop(),
      () => temporal.stop(),
    );
    const lines = await Lines.start(servers);
    stops.push(() => lines.stop());
    const pairs = cases.flatMap((each) => [lines.reach(each, 'loopback'), lines.reach(each, '20 ms')]);
    let worker = await startWorker({ temporal, pairs });
    stops.push(() => worker.stop());
    const connection = await Connection.connect({ address: temporal.address });
    stops.push(() => connection.close());
    const databases = new DatabasesOfCases(servers);
    return {
      servers,
      temporal,
      client: new Client({ connection, namespace: temporal.namespace }),
      worker: () => worker,
      processorTime: () => processorTime(namesOfProcesses(worker, servers)),
      stopWorker: () => worker.stop(),
      restartWorker: async () => {
        await worker.stop();
        worker = await startWorker({ temporal, pairs });
        return worker;
      },
      reach: async (wanted, line) => {
        await databases.create(wanted);
        return lines.reach(wanted, line);
      },
      drop: (wanted) => databases.drop(wanted),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The lines to both servers. */
class Lines {
  static async start(servers: PostgresPair): Promise<Lines> {
    const primary = await startLatencyProxy(servers.primary.port, ROUND_TRIP_MS);
    try {
      return new Lines(servers, primary, await startLatencyProxy(servers.standby.port, ROUND_TRIP_MS));
    } catch (error) {
      await primary.stop();
      throw error;
    }
  }

  private constructor(
    private readonly servers: PostgresPair,
    private readonly primary: LatencyProxy,
    private readonly standby: LatencyProxy,
  ) {}

  /** The databases of a case, which need not exist yet, by the URLs of a line. */
  reach(wanted: Case, line: Line): Reached {
    const { servers } = this;
    const name = nameOf(wanted);
    const direct = { name, primaryUrl: servers.primary.url(name), standbyUrl: servers.standby.url(name) };
    if (line === 'loopback') return { ...direct, ...wanted, line, dblinkUrl: direct.primaryUrl, direct };
    const primaryUrl = throughPort(direct.primaryUrl, this.primary.port);
    const standbyUrl = throughPort(direct.standbyUrl, this.standby.port);
    return { name: `${name}_far`, primaryUrl, standbyUrl, ...wanted, line, dblinkUrl: primaryUrl, direct };
  }

  async stop(): Promise<void> {
    await Promise.all([this.primary.stop(), this.standby.stop()]);
  }
}

/** The databases that were created so far, by the name of their case. */
class DatabasesOfCases {
  private readonly created = new Map<string, Promise<DatabasePair>>();

  constructor(private readonly servers: PostgresPair) {}

  /** Does nothing if they exist. */
  async create(wanted: Case): Promise<void> {
    const name = nameOf(wanted);
    const creation = this.created.get(name) ?? createDatabases(this.servers, name, wanted);
    this.created.set(name, creation);
    await creation;
  }

  async drop(wanted: Case): Promise<void> {
    const name = nameOf(wanted);
    const databases = await this.created.get(name);
    this.created.delete(name);
    await databases?.drop();
  }
}

/** What the report calls the processes whose time is measured, by their IDs. */
function namesOfProcesses({ pid }: WorkerProcess, { primary, standby }: PostgresPair): Map<number, string> {
  return new Map([
    [pid, 'worker'],
    ...childrenNamed('temporal').map((child): [number, string] => [child, 'Temporal']),
    [postmaster(primary.dataDirectory), 'primary'],
    [postmaster(standby.dataDirectory), 'standby'],
  ]);
}

function nameOf({ size, shape, catalogs }: Case): string {
  return `${shape}_${size}${catalogs === 'never analyzed' ? '_new' : ''}`;
}

function throughPort(url: string, port: number): string {
  const through = new URL(url);
  through.port = String(port);
  return through.href;
}

function postmaster(dataDirectory: string): number {
  return parseInt(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8'));
}
