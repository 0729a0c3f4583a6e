import { createTraceState, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { IResource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { WorkflowSpan } from './workflow-span.js';

/** The attributes that leave the process. Their names are those of Temporal's SDKs. */
const ATTRIBUTES = [
  'temporalWorkflowId',
  'run_id',
  'temporalActivityId',
  'temporalUpdateId',
  'error.type',
] as const;

/**
 * A span with the names and IDs that Temporal shows even where payloads are encrypted, and nothing else: messages and stacks of errors
 * and reasons may quote sequences, hosts or values.
 */
export function scrubbed(span: ReadableSpan): ReadableSpan {
  const attributes: Attributes = {};
  for (const name of ATTRIBUTES) {
    const value = span.attributes[name];
    if (value !== undefined) attributes[name] = value;
  }
  return {
    ...{ name: span.name, kind: span.kind, spanContext: () => span.spanContext() },
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    ...{ startTime: span.startTime, endTime: span.endTime, duration: span.duration, ended: span.ended },
    ...{ status: { code: span.status.code }, attributes, links: [], events: [] },
    ...{ resource: span.resource, instrumentationLibrary: span.instrumentationLibrary },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

/** A span of a workflow, as OpenTelemetry's SDK has it. */
export function spanOfWorkflow(
  { workflowId, runId }: WorkflowInfo,
  { name, context, parentSpanId, start, end, errorType }: WorkflowSpan,
  resource: IResource,
): ReadableSpan {
  const spanContext: SpanContext = {
    ...{
      traceId: context.traceId,
      spanId: context.spanId,
      traceFlags: context.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    },
    ...(context.traceState !== null && { traceState: createTraceState(context.traceState) }),
  };
  return {
    ...{ name, kind: SpanKind.INTERNAL, spanContext: () => spanContext },
    ...(parentSpanId !== null && { parentSpanId }),
    ...{ startTime: toTime(start), endTime: toTime(end), duration: toTime(end - start), ended: true },
    status: { code: errorType === null ? SpanStatusCode.OK : SpanStatusCode.ERROR },
    attributes: {
      ...{ temporalWorkflowId: workflowId, run_id: runId },
      ...(errorType !== null && { 'error.type': errorType }),
    },
    ...{ links: [], events: [], resource },
    instrumentationLibrary: { name: 'sequence-failover/workflow' },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

/** Seconds and nanoseconds. */
function toTime(milliseconds: number): [number, number] {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}
