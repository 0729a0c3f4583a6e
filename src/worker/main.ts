/** The worker process: `npm run worker`. */
import { readConfiguration } from '../config/configuration.js';
import type { Configuration } from '../config/configuration.js';
import { ConfigurationError } from '../config/problems.js';
import { secretsOf } from '../config/secrets-of.js';
import { checkConnections } from './check-connections.js';
import { TASK_QUEUE } from '../contract/names.js';
import { createWorker } from './create-worker.js';
import { limitHeapGrowth } from './heap.js';
import { installRuntime } from './install-runtime.js';
import { keyId } from './encryption-codec.js';
import { startHealthServer } from './health-server.js';
import { createLog } from './log.js';
import { notifierOf } from './notifier.js';
import { OpenPairs } from './open-pairs.js';
import { WorkerReadiness } from './readiness.js';
import { availableSearchAttributes } from './available-search-attributes.js';
import { connectToTemporal } from './temporal-connection.js';
import { tracingOf } from './tracing-of.js';

/** EX_CONFIG of sysexits.h: a restart without a change of the configuration does not help. */
const EXIT_MISCONFIGURED = 78;

/** How long the last spans may take to be exported, in milliseconds. */
const EXPORT_WITHIN_MS = 2_000;

function configurationOrExit(): Configuration {
  try {
    return readConfiguration(process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\nEvery setting is described in .env.example.\n`);
    process.exit(EXIT_MISCONFIGURED);
  }
}

limitHeapGrowth();
const configuration = configurationOrExit();
const { temporal, versioning, defaultBuffer, shutdownGraceMs, encryption, metrics, health } = configuration;
const log = createLog({
  level: configuration.logLevel,
  secrets: secretsOf(configuration, process.env),
});
const readiness = new WorkerReadiness();

try {
  installRuntime(log, metrics);
  // Started before the connection to Temporal, so that a worker that waits for Temporal counts as alive.
  if (health !== null) await startHealthServer(health, () => readiness.check());
  const pairs = new OpenPairs(configuration.pairs, log, { keepMs: configuration.ledgerKeepMs });
  // Not awaited, so that the worker can serve runs while it still tries to reach a primary.
  const checked = checkConnections(pairs, log);
  const connection = await connectToTemporal(temporal, log);
  const searchAttributes = availableSearchAttributes(connection, temporal.namespace, {
    ...{ isEncrypted: encryption.current !== null, log },
  });
  const tracing = await tracingOf(configuration.tracing, log);
  const worker = await createWorker({
    connection,
    namespace: temporal.namespace,
    dependencies: { pairs, defaultBuffer, log, notifier: notifierOf(configuration.notify), searchAttributes },
    versioning,
    shutdownGraceMs,
    encryption,
    tracing: tracing?.worker ?? null,
  });
  readiness.started(worker, connection, temporal.namespace);
  const { address, namespace } = temporal;
  log.info(
    {
      ...{
        taskQueue: TASK_QUEUE,
        address,
        namespace,
        pairs: pairs.pairNames(),
        defaultBuffer,
        versioning,
        shutdownGraceMs,
      },
      tracing: configuration.tracing.state,
      encryptionKey: encryption.current === null ? null : keyId(encryption.current.reveal()),
    },
    'the worker is ready',
  );
  // `run` returns after SIGTERM, SIGINT, SIGQUIT or SIGUSR2, when all tasks are done or the grace time is over.
  await worker.run();
  await connection.close();
  await checked;
  await pairs.close();
  const allExported = (await tracing?.stop(EXPORT_WITHIN_MS)) ?? true;
  log.info({ taskQueue: TASK_QUEUE }, 'the worker has stopped');
  // An attempt to reach the collector would keep the process alive.
  if (!allExported) process.exit(0);
} catch (error) {
  log.fatal({ err: error }, 'the worker failed');
  // Otherwise the SDK's native part would keep the process alive.
  process.exit(1);
}
