/**
 * Spans of workflows, and the context of their trace in the headers of what they start. Part of the workflow bundle, loaded into the
 * workflow sandbox. So it must not use Node built-ins.
 *
 * A span never changes what the run does. A call is passed on at once and its promise is returned as it is, so that nothing that awaits
 * it continues one microtask later than without tracing; see docs/decisions/0039.
 */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  ContinueAsNew,
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptorsFactory,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { TRACING_FLAG } from './flag.js';
import { errorTypeOf } from './error-type.js';
import {
  readCarrier,
  spanIdOf,
  toCarrier,
  TRACE_HEADER,
  traceIdOf,
  type SpanContext,
  type WorkflowSpan,
} from './workflow-span.js';

/** How spans leave the sandbox. */
export interface TracingSinks extends Sinks {
  tracing: { span(span: WorkflowSpan): void };
}

export const interceptors: WorkflowInterceptorsFactory = () => {
  if ((globalThis as Record<string, unknown>)[TRACING_FLAG] !== true) return {};
  const trace = new RunTrace();
  return { inbound: [inboundOf(trace)], outbound: [outboundOf(trace)] };
};

/** The trace of one run. */
class RunTrace {
  readonly #runId = workflowInfo().runId;
  readonly #sink = proxySinks<TracingSinks>().tracing;
  #run: SpanContext | null = null;
  #signals = 0;

  /** The span of the whole run. */
  traceRun<T>(headers: Headers, next: () => Promise<T>): Promise<T> {
    const { workflowType, firstExecutionRunId } = workflowInfo();
    const parent = contextIn(headers);
    const spanId = spanIdOf(this.#runId, 'run');
    this.#run =
      parent === null
        ? { traceId: traceIdOf(firstExecutionRunId), spanId, isSampled: true, traceState: null }
        : { ...parent, spanId };
    return this.#until(next(), `RunWorkflow:${workflowType}`, this.#run, parent);
  }

  /** A step that the run starts. `next` gets the headers with the step's context. */
  traceStep<T>(
    name: string,
    step: string,
    headers: Headers,
    next: (headers: Headers) => Promise<T>,
  ): Promise<T> {
    const parent = this.#run;
    if (parent === null) return next(headers);
    const context = { ...parent, spanId: spanIdOf(this.#runId, step) };
    const carried = defaultPayloadConverter.toPayload(toCarrier(context));
    return this.#until(next({ ...headers, [TRACE_HEADER]: carried }), name, context, parent);
  }

  traceSignal<T>(name: string, headers: Headers, next: () => Promise<T>): Promise<T> {
    this.#signals += 1;
    return this.#traceMessage(`HandleSignal:${name}`, `signal/${this.#signals}`, headers, next);
  }

  traceUpdate<T>(name: string, id: string, headers: Headers, next: () => Promise<T>): Promise<T> {
    return this.#traceMessage(`HandleUpdate:${name}`, `update/${id}`, headers, next);
  }

  /** A message belongs to the trace of its sender, or else to the run's. */
  #traceMessage<T>(name: string, step: string, headers: Headers, next: () => Promise<T>): Promise<T> {
    const parent = contextIn(headers) ?? this.#run;
    if (parent === null) return next();
    return this.#until(next(), name, { ...parent, spanId: spanIdOf(this.#runId, step) }, parent);
  }

  /** Reports a span when a promise has settled. @returns the same promise */
  #until<T>(promise: Promise<T>, name: string, context: SpanContext, parent: SpanContext | null): Promise<T> {
    const start = Date.now();
    const report = (errorType: string | null): void => {
      if (!context.isSampled) return;
      const parentSpanId = parent?.spanId ?? null;
      this.#sink.span({ name, context, parentSpanId, start, end: Date.now(), errorType });
    };
    promise.then(
      () => {
        report(null);
      },
      (error: unknown) => {
        report(error instanceof ContinueAsNew ? null : errorTypeOf(error));
      },
    );
    return promise;
  }
}

function inboundOf(trace: RunTrace): WorkflowInboundCallsInterceptor {
  return {
    execute: (input, next) => trace.traceRun(input.headers, () => next(input)),
    handleSignal: (input, next) => trace.traceSignal(input.signalName, input.headers, () => next(input)),
    handleUpdate: (input, next) =>
      trace.traceUpdate(input.name, input.updateId, input.headers, () => next(input)),
  };
}

function outboundOf(trace: RunTrace): WorkflowOutboundCallsInterceptor {
  return {
    scheduleActivity: (input, next) =>
      trace.traceStep(
        `StartActivity:${input.activityType}`,
        `activity/${input.seq}`,
        input.headers,
        (headers) => next({ ...input, headers }),
      ),
    startChildWorkflowExecution: (input, next) =>
      trace.traceStep(
        `StartChildWorkflow:${input.workflowType}`,
        `child/${input.seq}`,
        input.headers,
        (headers) => next({ ...input, headers }),
      ),
    signalWorkflow: (input, next) =>
      trace.traceStep(
        `SignalWorkflow:${input.signalName}`,
        `signalled/${input.seq}`,
        input.headers,
        (headers) => next({ ...input, headers }),
      ),
    continueAsNew: (input, next) =>
      trace.traceStep(
        `ContinueAsNew:${input.options.workflowType}`,
        'continue-as-new',
        input.headers,
        (headers) => next({ ...input, headers }),
      ),
  };
}

/** The context that a message brings; null if it brings none, or nothing that can be read: clients can send anything. */
function contextIn(headers: Headers): SpanContext | null {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return null;
  try {
    return readCarrier(defaultPayloadConverter.fromPayload(payload));
  } catch {
    return null;
  }
}
