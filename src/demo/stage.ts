import { Client, Connection } from '@temporalio/client';
import { ROWS_PER_SECOND, startWriter, type LiveWriter } from './live-writer.js';
import { createDatabasePair, startPair, type DatabasePair } from '../local/postgres-pair.js';
import type { Screen } from './screen.js';
import { PRIMARY, WORKER, type Servers } from './servers.js';
import { query } from './query.js';
import { setFarAhead, history, schema } from './shop.js';
import { Traffic } from './traffic.js';
import type { PostgresServer } from '../local/postgres-server.js';
import { locateTemporalCli } from '../local/temporal-cli.js';
import { startTemporal, type TemporalServer } from '../local/temporal-server.js';
import { WorkerProcess, workerPolls } from '../local/worker-process.js';

/** The running servers, and the application, of the demo. */
export interface Stage {
  readonly shop: DatabasePair;
  readonly temporal: TemporalServer;
  readonly client: Client;
  /** Inserts into the primary, until it is moved. */
  readonly writer: LiveWriter;
  readonly traffic: Traffic;
  readonly primary: PostgresServer;
}

/** Starts the servers, the worker and the application, each as soon as the things that it needs are ready. */
export async function setUp(screen: Screen, servers: Servers): Promise<Stage> {
  const { dim } = screen.colors;
  const cli = await screen.step(
    'Looking for the Temporal CLI',
    (update) =>
      locateTemporalCli({
        onDownload: (what) => {
          update(`Downloading ${what}, this once`);
        },
      }),
    (path) => [`Temporal CLI  ${dim(path)}`],
  );

  const { pair, temporal } = await screen.step(
    'Starting two PostgreSQL servers and a Temporal server',
    async () => {
      const [startedPair, startedTemporal] = await Promise.all([
        startPair().then((started) => {
          const { primary, standby } = started;
          servers.add({ [PRIMARY]: primary, 'The standby PostgreSQL server': standby }, () => started.stop());
          return started;
        }),
        startTemporal({ cli, ui: true }).then((started) => {
          servers.add({ 'The Temporal server': started }, () => started.stop());
          return started;
        }),
      ]);
      return { pair: startedPair, temporal: startedTemporal };
    },
    (started) => {
      const { primary, standby } = started.pair;
      return [
        `PostgreSQL ${primary.version}  ${dim(`primary on port ${primary.port}, standby on port ${standby.port}`)}`,
        `Temporal server  ${dim(`${started.temporal.address}, UI at ${started.temporal.uiUrl ?? ''}`)}`,
      ];
    },
  );

  return await screen.step(
    'Creating the shop on both sides, publishing, subscribing, starting the worker',
    async () => {
      const settings = {
        PRIMARY_URL: pair.primary.url('shop'),
        STANDBY_URL: pair.standby.url('shop'),
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: temporal.namespace,
        SHUTDOWN_GRACE: '1 second',
      };
      const [, connection, shop] = await Promise.all([
        WorkerProcess.start({ env: settings }).then((started) => {
          servers.add({ [WORKER]: started }, () => started.stop());
        }),
        Connection.connect({ address: temporal.address }),
        openShop(pair),
      ]);
      const writer = await startWriter(shop.primaryUrl);
      const traffic = await Traffic.start(writer, [shop.primaryUrl, shop.standbyUrl]);
      servers.add({}, () => traffic.stop());
      servers.add({}, () => writer.stop());
      await workerPolls(connection, temporal.namespace);
      const client = new Client({ connection, namespace: temporal.namespace });
      return { shop, temporal, writer, traffic, client, primary: pair.primary };
    },
    () => [
      `Database shop  ${dim('on both sides, published and subscribed, its rows copied')}`,
      `Worker  ${dim('the process that npm run worker starts')}`,
      `Live writer  ${dim(`goes on inserting, about ${ROWS_PER_SECOND} rows a second`)}`,
    ],
  );
}

async function openShop(pair: Parameters<typeof createDatabasePair>[0]): Promise<DatabasePair> {
  const shop = await createDatabasePair(pair, { name: 'shop', schema });
  await query(shop.primaryUrl, history);
  await query(shop.standbyUrl, setFarAhead);
  await shop.subscribe();
  return shop;
}
