import { Runtime } from '@temporalio/worker';
import type { MetricsExporterConfig } from '@temporalio/worker';
import type { Logger } from 'pino';
import { describeListener } from '../config/listeners.js';
import type { Listener } from '../config/listeners.js';
import { METRICS, PHASE_BUCKETS } from '../contract/metrics.js';
import { sdkLogger } from './log.js';

/**
 * Once a process, before the first connection: sends all that the SDK logs, its native part included, to `log`, and
 * serves the metrics at `/metrics`, the SDK's and the project's alike.
 *
 * @throws Error when the port of the metrics is taken
 */
export function installRuntime(log: Logger, metrics: Listener | null): void {
  const verbose = log.level === 'debug' || log.level === 'trace';
  Runtime.install({
    logger: sdkLogger(log),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: verbose ? 'DEBUG' : 'WARN', other: 'ERROR' } },
      ...(metrics !== null && { metrics: prometheus(metrics) }),
    },
  });
}

function prometheus(listener: Listener): MetricsExporterConfig {
  return {
    prometheus: {
      bindAddress: describeListener(listener),
      countersTotalSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: { [METRICS.phase.name]: PHASE_BUCKETS },
    },
  };
}
