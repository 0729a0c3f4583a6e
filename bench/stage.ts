import { Client, Connection } from '@temporalio/client';
import { startPair, type PostgresPair } from '../src/local/postgres-pair.js';
import { startTemporal, type TemporalServer } from '../src/local/temporal-server.js';
import { createDatabases, type Catalogs, type Shape } from './databases.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childrenNamed, processorTime, type ProcessorTime } from './processor-time.js';
import { startLatencyProxy } from './latency-proxy.js';
import { startWorker, type BenchWorker, type Pair } from './worker.js';

/** The connection to the databases: on the same machine, or with a round trip of 20 ms. */
export type Line = 'loopback' | '20 ms';

export interface Case {
  readonly size: number;
  readonly shape: Shape;
  /** Default: analyzed. */
  readonly catalogs?: Catalogs;
}

/** A pair of databases, reached over one of these lines. */
export interface Reached extends Pair, Case {
  readonly line: Line;
  /** The URL by which the standby's server connects to the primary, over the same line. */
  readonly dblinkUrl: string;
  /** Direct connections, for work that is not measured. */
  readonly direct: Pair;
}

export interface Stage {
  readonly servers: PostgresPair;
  readonly temporal: TemporalServer;
  readonly client: Client;
  worker(): BenchWorker;
  /** The processor time of the worker, Temporal and both servers until now. */
  processorTime(): ProcessorTime;
  stopWorker(): Promise<void>;
  /** Replaces the present worker by a new one. */
  restartWorker(nodeOptions?: readonly string[]): Promise<BenchWorker>;
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
    const [primary, standby] = await Promise.all(
      [servers.primary, servers.standby].map(({ port }) => startLatencyProxy(port, ROUND_TRIP_MS)),
    );
    if (primary === undefined || standby === undefined) throw new Error('no proxies');
    stops.push(
      () => primary.stop(),
      () => standby.stop(),
    );
    const reachedBy = (wanted: Case, line: Line): Reached => {
      const name = nameOf(wanted);
      const direct = { name, primaryUrl: servers.primary.url(name), standbyUrl: servers.standby.url(name) };
      if (line === 'loopback') return { ...direct, ...wanted, line, dblinkUrl: direct.primaryUrl, direct };
      const primaryUrl = throughPort(direct.primaryUrl, primary.port);
      const standbyUrl = throughPort(direct.standbyUrl, standby.port);
      return { name: `${name}_far`, primaryUrl, standbyUrl, ...wanted, line, dblinkUrl: primaryUrl, direct };
    };
    const pairs = cases.flatMap((each) => [reachedBy(each, 'loopback'), reachedBy(each, '20 ms')]);
    let worker = await startWorker({ temporal, pairs });
    stops.push(() => worker.stop());
    const connection = await Connection.connect({ address: temporal.address });
    stops.push(() => connection.close());
    const made = new Map<string, Promise<{ drop(): Promise<void> }>>();
    return {
      servers,
      temporal,
      client: new Client({ connection, namespace: temporal.namespace }),
      worker: () => worker,
      processorTime: () =>
        processorTime(
          new Map([
            [worker.pid, 'worker'],
            ...childrenNamed('temporal').map((pid): [number, string] => [pid, 'Temporal']),
            [postmaster(servers.primary.dataDirectory), 'primary'],
            [postmaster(servers.standby.dataDirectory), 'standby'],
          ]),
        ),
      stopWorker: () => worker.stop(),
      restartWorker: async (nodeOptions = []) => {
        await worker.stop();
        worker = await startWorker({ temporal, pairs, nodeOptions });
        return worker;
      },
      reach: async (wanted, line) => {
        const name = nameOf(wanted);
        const making =
          made.get(name) ?? createDatabases(servers, name, wanted.size, wanted.shape, wanted.catalogs);
        made.set(name, making);
        await making;
        return reachedBy(wanted, line);
      },
      drop: async (wanted) => {
        const databases = await made.get(nameOf(wanted));
        made.delete(nameOf(wanted));
        await databases?.drop();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
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
