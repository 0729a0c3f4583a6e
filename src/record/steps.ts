import { attributesOf, decodePayload, type EncodedPayload, firstPayload } from './history-json.js';
import type { WorkflowHistory } from './source.js';

/** How a step ended; `open` if its history does not say. */
export type StepEnd = 'completed' | 'failed' | 'timed out' | 'cancelled' | 'open';

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
}

/** The steps of one history, in the order in which they were scheduled. */
export function stepsOf({ events }: Pick<WorkflowHistory, 'events'>): Step[] {
  const steps = new Map<string, Step>();
  const startedAt = new Map<string, string>();
  for (const event of events) {
    const at = event.eventTime ?? '';
    const scheduled = attributesOf<Scheduled>(event, 'activityTaskScheduled');
    const started = attributesOf<Started>(event, 'activityTaskStarted');
    if (scheduled !== undefined) {
      steps.set(event.eventId, {
        activity: scheduled.activityType?.name ?? '',
        activityId: scheduled.activityId ?? '',
        summary: textOf(decodePayload(event.userMetadata?.summary)),
        input: firstPayload(scheduled.input),
        ...{ result: undefined, end: 'open', scheduledAt: at },
        ...{ startedAt: null, completedAt: null, endedAt: null, attempts: 0, failure: null },
      });
    } else if (started !== undefined) {
      startedAt.set(event.eventId, at);
      const step = steps.get(started.scheduledEventId ?? '');
      if (step === undefined) continue;
      step.attempts = started.attempt ?? 1;
      step.failure = messageOf(started.lastFailure);
    } else {
      const [end, attributes] = endingOf(event);
      const step = attributes && steps.get(attributes.scheduledEventId ?? '');
      if (step === undefined) continue;
      step.end = end;
      step.endedAt = at;
      if (end === 'completed') {
        step.result = firstPayload(attributes?.result);
        step.startedAt = startedAt.get(attributes?.startedEventId ?? '') ?? null;
        step.completedAt = at;
      } else step.failure = messageOf(attributes?.failure) ?? step.failure;
    }
  }
  return [...steps.values()];
}

/** Temporal's failure, with its causes: the innermost one says most. */
export interface HistoryFailure {
  message?: string;
  cause?: HistoryFailure;
  applicationFailureInfo?: { type?: string; details?: { payloads?: EncodedPayload[] } };
}

function messageOf(failure: HistoryFailure | undefined): string | null {
  if (failure === undefined) return null;
  const inner = failure.cause === undefined ? null : messageOf(failure.cause);
  return inner ?? failure.message ?? '';
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
  ['timed out', 'activityTaskTimedOut'],
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
