import { cpus, totalmem } from 'node:os';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { startPair, type PostgresPair } from '../src/local/postgres-pair.js';
import { startTemporal, type TemporalServer } from '../src/local/temporal-server.js';
import { until } from '../src/local/until.js';
import { withClient } from '../src/local/with-client.js';
import type { WorkerProcess } from '../src/local/worker-process.js';
import { QUERIES, SIGNALS, TASK_QUEUE, WORKFLOW_TYPES } from '../src/contract/names.js';
import type { FleetStatus } from '../src/contract/fleet-status.js';
import { ConnectionWatch } from './connection-watch.js';
import type { FleetMeasurement, FleetOptions, HistorySize } from './fleet-measurement.js';
import { fleetSummary } from './fleet-report.js';
import { tell } from './progress.js';
import { peakMemory, startWorker } from './worker.js';
import { writeResults } from './write-results.js';

const TEMPLATE = 'fleet_template';
const FLEET_ID = 'fleet';
const PAIR = 'servers';

/**
 * Measures one fleet over every database of a pair of servers.
 *
 * @param out the folder for the results
 */
export async function benchFleet(options: FleetOptions, out: string): Promise<void> {
  tell(`a fleet of ${options.databases} databases, ${options.sequences} sequences in each`);
  const measured = await measureFleet(options);
  writeResults(out, { 'fleet.json': measured }, fleetSummary(measured));
}

async function measureFleet(options: FleetOptions): Promise<FleetMeasurement> {
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const [servers, temporal] = await Promise.all([startPair(), startTemporal()]);
    stops.push(
      () => servers.stop(),
      () => temporal.stop(),
    );
    await createDatabases(servers, options.databases, options.sequences);
    const workers = await startWorkers(servers, temporal, options.workers);
    stops.push(() => Promise.all(workers.map((worker) => worker.stop())));
    const connection = await Connection.connect({ address: temporal.address });
    stops.push(() => connection.close());
    const client = new Client({ connection, namespace: temporal.namespace });
    const watch = await ConnectionWatch.start(servers);
    stops.push(() => watch.stop());
    const times = await runFleet(client, options.concurrency);
    return {
      ...options,
      machine: { cores: cpus().length, memory: totalmem(), cpu: cpus()[0]?.model ?? 'unknown' },
      ...times,
      connections: await watch.stop(),
      peakMemory: workers.map(peakMemory),
      histories: await historySizes(client, options.databases),
    };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

function startWorkers(
  { primary, standby }: PostgresPair,
  temporal: TemporalServer,
  count: number,
): Promise<WorkerProcess[]> {
  const pairs = [{ name: PAIR, primaryUrl: primary.url(), standbyUrl: standby.url() }];
  return Promise.all(Array.from({ length: count }, () => startWorker({ temporal, pairs })));
}

/** Runs the fleet, and approves it when all gates are open. */
async function runFleet(
  client: Client,
  concurrency: number,
): Promise<Pick<FleetMeasurement, 'allGatesOpen' | 'approvalToDone'>> {
  const begun = performance.now();
  const fleet = await client.workflow.start(WORKFLOW_TYPES.fleet, {
    workflowId: FLEET_ID,
    taskQueue: TASK_QUEUE,
    args: [{ pairs: [{ pair: PAIR, databases: ['app_*'] }], concurrency }],
  });
  await until(() => allGatesOpen(fleet), { timeout: 900_000, interval: 100, what: 'all gates to open' });
  const opened = performance.now();
  await fleet.signal(SIGNALS.approve, { by: 'bench' });
  await fleet.result();
  const done = performance.now();
  return { allGatesOpen: seconds(opened - begun), approvalToDone: seconds(done - opened) };
}

async function allGatesOpen(fleet: WorkflowHandle): Promise<boolean> {
  const { gate, failures } = await fleet.query<FleetStatus>(QUERIES.status);
  if (failures.length > 0) throw new Error(`a pair failed: ${JSON.stringify(failures[0])}`);
  return gate?.state === 'open';
}

async function historySizes(client: Client, databases: number): Promise<FleetMeasurement['histories']> {
  const members: HistorySize[] = [];
  for (let index = 1; index <= databases; index += 1) {
    members.push(await sizeOf(client, `${FLEET_ID}/${PAIR}/${nameOf(index)}`));
  }
  members.sort((a, b) => a.bytes - b.bytes);
  const [median, largest] = [members[Math.floor(members.length / 2)], members.at(-1)];
  if (median === undefined || largest === undefined) throw new Error('a fleet of no pairs');
  return { fleet: await sizeOf(client, FLEET_ID), member: { median, largest } };
}

async function sizeOf(client: Client, workflowId: string): Promise<HistorySize> {
  const { historyLength, historySize } = await client.workflow.getHandle(workflowId).describe();
  return { events: historyLength, bytes: historySize ?? 0 };
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

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
