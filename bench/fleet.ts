/** A fleet over every database of a pair of servers: `npm run bench -- --fleet`. */
import { cpus, totalmem } from 'node:os';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { startPair, type PostgresPair } from '../src/local/postgres-pair.js';
import { startTemporal } from '../src/local/temporal-server.js';
import { until } from '../src/local/until.js';
import { withClient } from '../src/local/with-client.js';
import { QUERIES, SIGNALS, TASK_QUEUE, WORKFLOW_TYPES } from '../src/contract/names.js';
import type { FleetStatus } from '../src/contract/fleet-status.js';
import { startWorker } from './worker.js';

export interface FleetOptions {
  readonly databases: number;
  /** The number of sequences in each database. */
  readonly sequences: number;
  readonly workers: number;
  readonly concurrency: number;
}

/** Times in seconds, sizes in bytes. */
export interface FleetMeasurement extends FleetOptions {
  readonly machine: { cores: number; memory: number; cpu: string };
  /** The time from the start of the fleet until every pair waits at its gate. */
  readonly allGatesOpen: number;
  /** The time from the approval of all pairs until the fleet has completed. */
  readonly approvalToDone: number;
  /** The most client connections of each server at one time, checked every 20 ms. */
  readonly connections: { primary: number; standby: number; looks: number };
  /** The peak of the resident memory of each worker. */
  readonly peakMemory: (number | null)[];
  readonly histories: { fleet: Size; member: { median: Size; largest: Size } };
}

interface Size {
  events: number;
  bytes: number;
}

const TEMPLATE = 'fleet_template';

export async function measureFleet(options: FleetOptions): Promise<FleetMeasurement> {
  const { databases, sequences, workers: count, concurrency } = options;
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const [servers, temporal] = await Promise.all([startPair(), startTemporal()]);
    stops.push(
      () => servers.stop(),
      () => temporal.stop(),
    );
    await createDatabases(servers, databases, sequences);
    const pair = { name: 'servers', primaryUrl: servers.primary.url(), standbyUrl: servers.standby.url() };
    const workers = await Promise.all(
      Array.from({ length: count }, () => startWorker({ temporal, pairs: [pair] })),
    );
    stops.push(() => Promise.all(workers.map((worker) => worker.stop())));
    const connection = await Connection.connect({ address: temporal.address });
    stops.push(() => connection.close());
    const client = new Client({ connection, namespace: temporal.namespace });

    const watch = await watchConnections(servers);
    stops.push(() => watch.stop());
    const begun = performance.now();
    const fleet = await client.workflow.start(WORKFLOW_TYPES.fleet, {
      workflowId: 'fleet',
      taskQueue: TASK_QUEUE,
      args: [{ pairs: [{ pair: 'servers', databases: ['app_*'] }], concurrency }],
    });
    await until(
      async () => {
        const { gate, failures } = await fleet.query<FleetStatus>(QUERIES.status);
        if (failures.length > 0) throw new Error(`a pair failed: ${JSON.stringify(failures[0])}`);
        return gate?.state === 'open';
      },
      { timeout: 900_000, interval: 100, what: 'all gates to open' },
    );
    const opened = performance.now();
    await fleet.signal(SIGNALS.approve, { by: 'bench' });
    await fleet.result();
    const done = performance.now();
    const peak = await watch.stop();

    const members: Size[] = [];
    for (let index = 1; index <= databases; index += 1) {
      members.push(await sizeOf(client, `fleet/servers/${nameOf(index)}`));
    }
    members.sort((a, b) => a.bytes - b.bytes);
    const [median, largest] = [members[Math.floor(members.length / 2)], members.at(-1)];
    if (median === undefined || largest === undefined) throw new Error('a fleet of no pairs');
    return {
      ...options,
      machine: { cores: cpus().length, memory: totalmem(), cpu: cpus()[0]?.model ?? 'unknown' },
      allGatesOpen: seconds(opened - begun),
      approvalToDone: seconds(done - opened),
      connections: peak,
      peakMemory: workers.map((worker) => worker.peakMemory()),
      histories: { fleet: await sizeOf(client, 'fleet'), member: { median, largest } },
    };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** Creates databases with the same sequences, from one template on each server. */
async function createDatabases({ primary, standby }: PostgresPair, databases: number, sequences: number) {
  await Promise.all(
    [primary, standby].map(async (server) => {
      await statements(server.url(), [`CREATE DATABASE ${TEMPLATE}`]);
      const position = server === primary ? ', setval(format($f$s_%s$f$, n), n * 1000)' : '';
      await statements(server.url(TEMPLATE), [
        `DO $$ BEGIN FOR n IN 1..${sequences} LOOP EXECUTE format('CREATE SEQUENCE s_%s', n); END LOOP; END $$`,
        `SELECT n${position} FROM generate_series(1, ${sequences}) n`,
      ]);
      await statements(
        server.url(),
        Array.from(
          { length: databases },
          (_, at) => `CREATE DATABASE ${nameOf(at + 1)} TEMPLATE ${TEMPLATE}`,
        ),
      );
    }),
  );
}

async function statements(url: string, texts: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const text of texts) await client.query(text);
  });
}

function nameOf(index: number): string {
  return `app_${String(index).padStart(4, '0')}`;
}

async function watchConnections({ primary, standby }: PostgresPair) {
  const most = { primary: 0, standby: 0, looks: 0 };
  let watching = true;
  const look = async (side: 'primary' | 'standby', client: pg.Client) => {
    while (watching) {
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::integer AS count FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name = 'sequence-failover'`,
      );
      most[side] = Math.max(most[side], rows[0]?.count ?? 0);
      most.looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await client.end();
  };
  const clients = [new pg.Client(primary.url()), new pg.Client(standby.url())] as const;
  await Promise.all(clients.map((client) => client.connect()));
  const looks = Promise.all([look('primary', clients[0]), look('standby', clients[1])]);
  return {
    stop: async () => {
      watching = false;
      await looks;
      return most;
    },
  };
}

async function sizeOf(client: Client, workflowId: string): Promise<Size> {
  const { historyLength, historySize } = await client.workflow.getHandle(workflowId).describe();
  return { events: historyLength, bytes: historySize ?? 0 };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}

/** The measurement in a few lines. */
export function fleetSummary(measured: FleetMeasurement): string {
  const { databases, sequences, workers, concurrency, connections, peakMemory, histories } = measured;
  const memory = peakMemory.map((bytes) =>
    bytes === null ? 'unknown' : `${Math.round(bytes / 2 ** 20)} MiB`,
  );
  const size = ({ events, bytes }: Size) => `${events} events, ${Math.round(bytes / 1024)} KiB`;
  const { fleet, member } = histories;
  return [
    `${databases} databases of ${sequences} sequences, workers: ${workers}, concurrency: ${concurrency}`,
    `all gates open after ${measured.allGatesOpen.toFixed(1)} s, all done ${measured.approvalToDone.toFixed(1)} s after the approval`,
    `connections at most: ${connections.primary} to the primary, ${connections.standby} to the standby`,
    `peak memory of each worker: ${memory.join(', ')}`,
    `history: ${size(fleet)}; of a pair: ${size(member.median)} in the median, ${size(member.largest)} at most`,
  ].join('\n');
}
