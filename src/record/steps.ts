import {
  attributesOf,
  decodePayload,
  type EncodedPayload,
  firstPayload,
  type HistoryEvent,
} from './history-json.js';
import type { WorkflowHistory } from './source.js';

/** How a step ended; `open` if its history does not say. */
export type StepEnd = 'completed' | 'failed' | 'timed-out' | 'cancelled' | 'open';

/** A step that a run scheduled, and its result. */
export interface Step {
  activity: string;
  activityId: string;
  /** In words, as Temporal's UI shows it; empty if the run gave none. */
  summary: string;
  input: unknown;
  /** Undefined if the step did not complete. */
  result: unknown;
  end: StepEnd;
  /** ISO 8601, in UTC. */
  scheduledAt: string;
  /** The attempt that completed; null if none did. */
  startedAt: string | null;
  completedAt: string | null;
  /** When it ended, in whatever way. */
  endedAt: string | null;
  /** How many attempts it took; 0 if none has begun. */
  attempts: number;
  /** Why the last attempt that failed did so; null if none failed. */
  failure: string | null;
  /** The type of the failure with which it ended; null if it did not fail, or if the failure has no type. */
  failureType: string | null;
}

/** The steps of one history, in the order in which they were scheduled. */
export function stepsOf({ events }: Pick<WorkflowHistory, 'events'>): Step[] {
  const steps = new Map<string, Step>();
  const startedAt = new Map<string, string>();
  for (const event of events) {
    const scheduled = attributesOf<Scheduled>(event, 'activityTaskScheduled');
    if (scheduled !== undefined) {
      steps.set(event.eventId, toStep(event, scheduled));
      continue;
    }
    const started = attributesOf<Started>(event, 'activityTaskStarted');
    if (started !== undefined) {
      startedAt.set(event.eventId, event.eventTime ?? '');
      noteAttempt(steps.get(started.scheduledEventId ?? ''), started);
      continue;
    }
    const [end, attributes] = endingOf(event);
    const step = steps.get(attributes?.scheduledEventId ?? '');
    if (step === undefined || attributes === undefined) continue;
    step.end = end;
    step.endedAt = event.eventTime ?? '';
    if (end === 'completed') {
      step.result = firstPayload(attributes.result);
      step.startedAt = startedAt.get(attributes.startedEventId ?? '') ?? null;
      step.completedAt = step.endedAt;
    } else {
      step.failure = messageOf(attributes.failure) ?? step.failure;
      step.failureType = typeOf(attributes.failure);
    }
  }
  return [...steps.values()];
}

function toStep(event: HistoryEvent, { activityType, activityId = '', input }: Partial<Scheduled>): Step {
  return {
    ...{ activity: activityType?.name ?? '', activityId },
    summary: textOf(decodePayload(event.userMetadata?.summary)),
    input: firstPayload(input),
    ...{ result: undefined, end: 'open', scheduledAt: event.eventTime ?? '' },
    ...{ startedAt: null, completedAt: null, endedAt: null, attempts: 0, failure: null },
    failureType: null,
  };
}

/** Temporal writes when a step's last attempt began, and why the one before failed, once it has ended. */
function noteAttempt(step: Step | undefined, { attempt = 1, lastFailure }: Partial<Started>): void {
  if (step === undefined) return;
  step.attempts = attempt;
  step.failure = messageOf(lastFailure);
}

/** Temporal's failure, with its causes: the innermost one says most. */
export interface HistoryFailure {
  message?: string;
  cause?: HistoryFailure;
  applicationFailureInfo?: { type?: string; details?: { payloads?: EncodedPayload[] } };
}

/** The message of its innermost cause; null without a failure. */
export function messageOf(failure: HistoryFailure | undefined): string | null {
  if (failure === undefined) return null;
  const inner = failure.cause === undefined ? null : messageOf(failure.cause);
  return inner ?? failure.message ?? '';
}

function typeOf(failure: HistoryFailure | undefined): string | null {
  if (failure === undefined) return null;
  return typeOf(failure.cause) ?? failure.applicationFailureInfo?.type ?? null;
}

interface Scheduled {
  activityId: string;
  activityType: { name: string };
  input: { payloads?: EncodedPayload[] };
}

interface Started {
  scheduledEventId: string;
  attempt: number;
  lastFailure: HistoryFailure;
}

interface Ended {
  scheduledEventId: string;
  startedEventId: string;
  result: { payloads?: EncodedPayload[] };
  failure: HistoryFailure;
}

const ends = [
  ['completed', 'activityTaskCompleted'],
  ['failed', 'activityTaskFailed'],
  ['timed-out', 'activityTaskTimedOut'],
  ['cancelled', 'activityTaskCanceled'],
] as const;

function endingOf(event: Parameters<typeof attributesOf>[0]): [StepEnd, Partial<Ended> | undefined] {
  for (const [end, type] of ends) {
    const attributes = attributesOf<Ended>(event, type);
    if (attributes !== undefined) return [end, attributes];
  }
  return ['open', undefined];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether a step's input has another encoding than JSON: it was encrypted, and not decoded. */
export function hasUnreadableSteps({ events }: Pick<WorkflowHistory, 'events'>): boolean {
  return events.some((event) => {
    const [payload] = attributesOf<Scheduled>(event, 'activityTaskScheduled')?.input?.payloads ?? [];
    return payload !== undefined && decodePayload(payload) === null;
  });
}
