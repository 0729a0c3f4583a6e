import type { Logger } from 'pino';
import type { TracingConfiguration } from '../config/tracing.js';
import { startTracing, type Tracing } from '../tracing/start-tracing.js';
import { VERSION } from './artifacts.js';

/**
 * Tracing as the worker's settings want it; null without. Settings that cannot be used are only a warning, and so is a collector that
 * cannot be reached: runs do not depend on it.
 */
export async function tracingOf(configuration: TracingConfiguration, log: Logger): Promise<Tracing | null> {
  if (configuration.state === 'unusable') {
    log.warn({ reason: configuration.reason }, 'spans are not exported');
  }
  if (configuration.state !== 'on') return null;
  return startTracing({
    protocol: configuration.protocol,
    version: VERSION,
    log: {
      failed: (reason) => {
        log.warn(
          { reason },
          'spans cannot be exported: look at OTEL_EXPORTER_OTLP_ENDPOINT and the collector; runs go on',
        );
      },
      recovered: () => {
        log.info('spans are exported again');
      },
    },
  });
}
