import { Environment } from '../config/environment.js';
import { readTracing } from '../config/tracing.js';
import type { Tracing } from '../tracing/start-tracing.js';
import { VERSION } from '../worker/artifacts.js';

/** How long the last spans may take to be exported, in milliseconds, before the command ends without them. */
const EXPORT_WITHIN_MS = 2_000;

let tracing: Tracing | null = null;

/** The tracing of this command, for its client; null without. */
export const commandTracing = (): Tracing | null => tracing;

/**
 * Runs a command in a span of its name, if OTEL_EXPORTER_OTLP_ENDPOINT is set. The span belongs to that of TRACEPARENT, as pipelines set
 * it. A collector that cannot be reached does not change the outcome.
 */
export async function traced(name: string, run: () => Promise<number>): Promise<number> {
  const environment = new Environment(process.env);
  const configuration = readTracing(environment);
  if (configuration.state === 'unusable') {
    process.stderr.write(`Spans are not exported: ${configuration.reason}\n`);
  }
  if (configuration.state !== 'on') return run();
  const { startTracing } = await import('../tracing/start-tracing.js');
  tracing = await startTracing({
    protocol: configuration.protocol,
    version: VERSION,
    parent: environment.text('TRACEPARENT'),
    log: {
      failed: (reason) => process.stderr.write(`Spans cannot be exported: ${reason}\n`),
      recovered: () => undefined,
    },
  });
  return tracing.inSpan(`sequence-failover ${name}`, run);
}

/** Exports the last spans. To be called when everything is printed. */
export async function endTracing(): Promise<void> {
  if (tracing === null || (await tracing.stop(EXPORT_WITHIN_MS))) return;
  // The attempt to reach the collector would keep the process alive.
  process.stdout.write('', () => process.exit());
}
