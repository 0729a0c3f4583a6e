import type { BufferPolicy } from '../contract/input.js';
import { defaultPairSettings, readDefaultPair, readUrl } from './default-pair.js';
import { readDefaultBuffer } from './default-buffer.js';
import { durationMs } from '../contract/parsing/duration.js';
import { readEncryptionKeys } from './encryption-keys.js';
import type { EncryptionKeys } from './encryption-keys.js';
import { Environment } from './environment.js';
import { readListener } from './listeners.js';
import type { Listener } from './listeners.js';
import { readNotify } from './notify.js';
import type { NotifyConfiguration } from './notify.js';
import { Pairs } from './pairs.js';
import type { LedgerPlace, PairConfiguration, ReplicationUrls } from './pairs.js';
import { readPairsFile } from './pairs-file.js';
import { Problems } from './problems.js';
import type { Secret } from './secret.js';
import { readTemporal } from './temporal.js';
import type { TemporalConfiguration } from './temporal.js';
import { readTracing } from './tracing.js';
import type { TracingConfiguration } from './tracing.js';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** The levels of pino. `LOG_LEVEL` may be in upper or lower case. */
export type LogLevel = (typeof logLevels)[number];

/** Which worker deployment version this worker is. See https://docs.temporal.io/worker-versioning. */
export interface Versioning {
  deploymentName: string;
  buildId: string;
}

/** Everything that a worker reads from its environment. Printing it shows no secret. */
export interface Configuration {
  pairs: Pairs;
  defaultBuffer: BufferPolicy;
  /** How long the ledger keeps the runs of a standing watch. */
  ledgerKeepMs: number;
  temporal: TemporalConfiguration;
  /** Null, the default, for a worker without versioning. */
  versioning: Versioning | null;
  logLevel: LogLevel;
  /** How long running activities may take after SIGTERM before they are cancelled. */
  shutdownGraceMs: number;
  encryption: EncryptionKeys;
  /** The addresses of the metrics for Prometheus, and of the health endpoints; null (the default) if they are off. */
  metrics: Listener | null;
  health: Listener | null;
  /** Null, the default: nobody is notified. */
  notify: NotifyConfiguration | null;
  tracing: TracingConfiguration;
}

/**
 * Reads the worker's environment, and the files that it names.
 * @throws ConfigurationError that names every missing or invalid setting, without secrets.
 */
export function readConfiguration(variables: Readonly<Record<string, string | undefined>>): Configuration {
  const problems = new Problems();
  const configuration = readValidSettings(variables, problems);
  problems.throwIfAny();
  return configuration;
}

/**
 * Like {@link readConfiguration}, but adds a problem for each setting that is missing or invalid, instead of throwing. A setting with a problem
 * gets its default, and a pair with a problem is left out.
 */
export function readValidSettings(
  variables: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): Configuration {
  const environment = new Environment(variables);
  return {
    pairs: readPairs(environment, problems),
    defaultBuffer: readDefaultBuffer(environment, problems),
    ledgerKeepMs: readLedgerKeep(environment, problems),
    temporal: readTemporal(environment, problems),
    versioning: readVersioning(environment, problems),
    logLevel: readLogLevel(environment, problems),
    shutdownGraceMs: readShutdownGrace(environment, problems),
    encryption: readEncryptionKeys(environment, problems),
    metrics: readListener('METRICS_PORT', environment, problems),
    health: readListener('HEALTH_PORT', environment, problems),
    notify: readNotify(environment, problems),
    tracing: readTracing(environment),
  };
}

function readPairs(environment: Environment, problems: Problems): Pairs {
  const path = environment.text('PAIRS_FILE');
  const settings = defaultPairSettings(environment);
  const ledger = readLedger(environment, problems);
  const place = (own: Secret | null): LedgerPlace => (ledger === 'off' ? 'off' : (own ?? ledger));
  const pairs = new Map<string, PairConfiguration>();

  if (path === null && settings.length === 0) {
    for (const url of ['PRIMARY_URL', 'STANDBY_URL'])
      problems.add(url, 'not set; set PRIMARY_URL and STANDBY_URL, or PAIRS_FILE', 'NO_PAIR');
  }
  if (settings.length > 0) {
    const sides = readDefaultPair(environment, problems);
    const replication = readReplicationUrls(environment, problems);
    if (sides) pairs.set('default', { ...sides, ledger: place(null), replication });
  }
  if (path !== null) {
    for (const [name, pair] of readPairsFile(path, environment, problems)) {
      if (name === 'default' && settings.length > 0) {
        problems.add(
          'PAIRS_FILE',
          `the pair default is described twice: in ${path} and by ${settings.join(', ')}; keep one of them`,
        );
      } else {
        pairs.set(name, { ...pair, ledger: place(pair.ledger) });
      }
    }
  }
  return new Pairs(pairs);
}

/** PRIMARY_REPLICATION_URL and STANDBY_REPLICATION_URL, of the pair `default`. */
function readReplicationUrls(environment: Environment, problems: Problems): ReplicationUrls {
  const urls: ReplicationUrls = {};
  for (const side of ['primary', 'standby'] as const) {
    const name = `${side.toUpperCase()}_REPLICATION_URL`;
    if (environment.text(name) === null) continue;
    const url = readUrl(side, name, environment, problems);
    if (url) urls[side] = url;
  }
  return urls;
}

function readLedger(environment: Environment, problems: Problems): LedgerPlace {
  const off = environment.text('LEDGER');
  if (off !== null && off !== 'off') {
    problems.add('LEDGER', 'expected off; leave it unset to keep a ledger');
  }
  if (off === 'off') return 'off';
  if (environment.text('LEDGER_URL') === null) return 'standby';
  return readUrl('ledger', 'LEDGER_URL', environment, problems) ?? 'standby';
}

function readLedgerKeep(environment: Environment, problems: Problems): number {
  const text = environment.text('LEDGER_KEEP') ?? '30 days';
  const keep = durationMs(text);
  if (keep === null) problems.add('LEDGER_KEEP', 'expected a duration such as 30 days');
  return keep ?? 0;
}

function readVersioning(environment: Environment, problems: Problems): Versioning | null {
  const buildId = environment.text('WORKER_BUILD_ID');
  const name = environment.text('WORKER_DEPLOYMENT_NAME');
  if (buildId === null && name !== null) {
    problems.add('WORKER_BUILD_ID', 'not set, although WORKER_DEPLOYMENT_NAME is');
  }
  // The server would refuse every poll of a worker with such a name, and the worker would wait without a message.
  if (buildId?.startsWith('__')) problems.add('WORKER_BUILD_ID', 'cannot start with __');
  if (name !== null && /^__|[.:]/.test(name)) {
    problems.add('WORKER_DEPLOYMENT_NAME', 'cannot start with __ or contain . or :');
  }
  return buildId === null ? null : { deploymentName: name ?? 'sequence-failover', buildId };
}

function readLogLevel(environment: Environment, problems: Problems): LogLevel {
  const text = environment.text('LOG_LEVEL')?.toLowerCase() ?? 'info';
  const level = logLevels.find((candidate) => candidate === text);
  if (level === undefined) problems.add('LOG_LEVEL', `expected one of ${logLevels.join(', ')}`);
  return level ?? 'info';
}

function readShutdownGrace(environment: Environment, problems: Problems): number {
  const ms = durationMs(environment.text('SHUTDOWN_GRACE') ?? '10 seconds');
  if (ms === null) problems.add('SHUTDOWN_GRACE', 'expected a duration with its unit, such as 10 seconds');
  return ms ?? 10_000;
}
