import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Protocol } from '../config/tracing.js';
import { errorTypeOf } from './error-type.js';
import type { ExportLog } from './watched-exporter.js';
import type { TracingSinks } from './workflow-interceptors.js';

/** What a worker needs for tracing. */
export interface WorkerTracing {
  activity: ActivityInterceptorsFactory;
  sinks: InjectedSinks<TracingSinks>;
}

/** Tracing of this process. Spans are exported in the background: no call waits for the collector. */
export interface Tracing {
  worker: WorkerTracing;
  /** Passes the context of the trace to the workflows that a client starts and sends messages to. */
  client: WorkflowClientInterceptor;
  /** Does the work in a span; what a client does meanwhile belongs to it. */
  inSpan<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Exports the remaining spans. @returns false if the collector has not taken them within that many milliseconds */
  stop(withinMs: number): Promise<boolean>;
}

export interface TracingOptions {
  protocol: Protocol;
  version: string;
  /** The span that this process belongs to, as in the environment variable TRACEPARENT of a pipeline. */
  parent?: string | null;
  log: ExportLog;
}

const SERVICE = 'sequence-failover';

/**
 * Starts OpenTelemetry for this process, once, with the settings of the environment: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, ….
 * OpenTelemetry is only loaded here.
 */
export async function startTracing({ protocol, version, parent, log }: TracingOptions): Promise<Tracing> {
  const [api, core, resources, sdk, hooks, temporal, exporter, spans, watched] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/context-async-hooks'),
    import('@temporalio/interceptors-opentelemetry'),
    protocol === 'http/json'
      ? import('@opentelemetry/exporter-trace-otlp-http')
      : import('@opentelemetry/exporter-trace-otlp-proto'),
    import('./exported-span.js'),
    import('./watched-exporter.js'),
  ]);
  const own = new resources.Resource({ 'service.name': SERVICE, 'service.version': version });
  const resource = own.merge(resources.envDetectorSync.detect());
  const processor = new sdk.BatchSpanProcessor(
    new watched.WatchedExporter(new exporter.OTLPTraceExporter(), log),
  );
  const provider = new sdk.BasicTracerProvider({ resource, spanProcessors: [processor] });
  // Without baggage: it would copy whatever a caller has put there into histories.
  const propagator = new core.W3CTraceContextPropagator();
  provider.register({ propagator, contextManager: new hooks.AsyncLocalStorageContextManager().enable() });
  const tracer = provider.getTracer(SERVICE, version);

  const official = new temporal.OpenTelemetryWorkflowClientInterceptor({ tracer });
  const carrier = parent == null ? {} : { traceparent: parent };
  const outer = propagator.extract(api.ROOT_CONTEXT, carrier, api.defaultTextMapGetter);

  return {
    worker: {
      activity: (context) => ({
        inbound: {
          execute: (input, next) =>
            new temporal.OpenTelemetryActivityInboundInterceptor(context, { tracer }).execute(
              input,
              withErrorType(next, () => api.trace.getActiveSpan()),
            ),
        },
        outbound: new temporal.OpenTelemetryActivityOutboundInterceptor(context),
      }),
      sinks: {
        tracing: {
          span: {
            fn: (info, span) => {
              processor.onEnd(spans.spanOfWorkflow(info, span, resource));
            },
          },
        },
      },
    },
    client: messagesOnly(official),
    inSpan: (name, work) =>
      api.context.with(outer, () =>
        tracer.startActiveSpan(name, async (span) => {
          try {
            return await work();
          } catch (error) {
            span.setStatus({ code: api.SpanStatusCode.ERROR });
            span.setAttribute('error.type', errorTypeOf(error));
            throw error;
          } finally {
            span.end();
          }
        }),
      ),
    stop: (withinMs) => within(withinMs, provider.shutdown()),
  };
}

/** Adds the type of an activity's failure to its span. Temporal's interceptor adds the message, which is not exported. */
function withErrorType<Input>(
  next: (input: Input) => Promise<unknown>,
  span: () => { setAttribute(name: string, value: string): unknown } | undefined,
): (input: Input) => Promise<unknown> {
  return async (input) => {
    try {
      return await next(input);
    } catch (error) {
      span()?.setAttribute('error.type', errorTypeOf(error));
      throw error;
    }
  };
}

/** Without spans for queries and descriptions, of which a command that waits makes one each second. */
function messagesOnly(official: WorkflowClientInterceptor): WorkflowClientInterceptor {
  const { startWithDetails, signal, signalWithStart, startUpdate, startUpdateWithStart, cancel, terminate } =
    official;
  const all = {
    startWithDetails,
    signal,
    signalWithStart,
    startUpdate,
    startUpdateWithStart,
    cancel,
    terminate,
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, method]) => [name, (method as () => unknown).bind(official)]),
  );
}

/** @returns whether the promise has settled in time */
async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, milliseconds);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
