import { Runtime } from '@temporalio/worker';
import type { MetricsExporterConfig } from '@temporalio/worker';
import type { Logger } from 'pino';
import { describeListener } from '../config/listeners.js';
import type { Listener } from '../config/listeners.js';
import { METRICS, PHASE_BUCKETS } from '../contract/metrics.js';
import { sdkLogger } from './log.js';

/**
 * Sends everything that the SDK logs, including its native part, to `log`, and serves the metrics of the SDK and of the
 * project at `/metrics`. To be called once in a process, before the first connection.
 *
 * @throws Error if the port of the metrics is in use
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
