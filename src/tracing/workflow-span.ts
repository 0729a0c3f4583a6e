/**
 * Spans as workflow code makes them: plain data, because they leave the workflow sandbox by a sink. Part of the workflow bundle, so it
 * must not use Node built-ins.
 */

/** The header of Temporal's messages in which its SDKs pass the context of a trace. */
export const TRACE_HEADER = '_tracer-data';

/** Where a span belongs. https://www.w3.org/TR/trace-context/ */
export interface SpanContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  isSampled: boolean;
  /** What the systems on the way have added; null if nothing. */
  traceState: string | null;
}

/** A span that has ended. Times are milliseconds since the epoch. */
export interface WorkflowSpan {
  name: string;
  context: SpanContext;
  /** Null: the first of its trace. */
  parentSpanId: string | null;
  start: number;
  end: number;
  /** The type of the failure that it ended with, never its message. Null if it did not fail. */
  errorType: string | null;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads a context from what a header carries; null if it is none. Never throws. */
export function readCarrier(carrier: unknown): SpanContext | null {
  if (typeof carrier !== 'object' || carrier === null) return null;
  const { traceparent, tracestate } = carrier as { traceparent?: unknown; tracestate?: unknown };
  const [, traceId, spanId, flags] =
    TRACEPARENT.exec(typeof traceparent === 'string' ? traceparent : '') ?? [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return null;
  const isSampled = (parseInt(flags ?? '', 16) & 1) === 1;
  return { traceId, spanId, isSampled, traceState: isTraceState(tracestate) ? tracestate : null };
}

/** What a header carries for a context. */
export function toCarrier({ traceId, spanId, isSampled, traceState }: SpanContext): Record<string, string> {
  return {
    traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`,
    ...(traceState !== null && { tracestate: traceState }),
  };
}

/** The limit of https://www.w3.org/TR/trace-context/#tracestate-limits. */
function isTraceState(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 512;
}

/**
 * The trace of a run that was started without one: the ID of the first run of its chain, a UUID of 16 bytes, as is the ID of a trace. So
 * every worker gives it the same one.
 */
export function traceIdOf(firstRunId: string): string {
  const digits = firstRunId.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : hash64(`${firstRunId}/1`) + hash64(`${firstRunId}/2`);
}

/**
 * The ID of a span of a run. It follows from the run and the place of the step in it: another worker that replays the run gives the same
 * one, and no random number of the workflow is used up.
 */
export function spanIdOf(runId: string, step: string): string {
  return hash64(`${runId}/${step}`);
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a, 64 bits, as 16 hexadecimal digits. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash64(text: string): string {
  let hash = FNV_OFFSET;
  for (const character of text) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * FNV_PRIME);
  }
  return hash.toString(16).padStart(16, '0');
}
