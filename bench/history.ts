import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

type Event = proto.temporal.api.history.v1.IHistoryEvent;
const { HistoryEvent } = proto.temporal.api.history.v1;

/** One kind of step, over all workflows of a run. */
export interface Step {
  activity: string;
  count: number;
  /** Milliseconds that the activities ran, added up: those that ran at once count each. */
  total: number;
  /** Milliseconds between being scheduled and being started, added up. */
  waited: number;
  /** Milliseconds from the first schedule to the last completion. */
  wall: number;
}

export interface HistoryFacts {
  workflows: number;
  events: number;
  bytes: number;
  /** The longest history of one workflow. */
  mostEvents: number;
  mostBytes: number;
  /** Bytes of the largest single payload in any of them. */
  largestPayload: number;
  steps: Step[];
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** When the gate's timer was started: the standby was ready for an approval. */
  gateAt: number | null;
  /** When the first update was admitted, and the run closed. */
  decidedAt: number | null;
  closedAt: number | null;
}

/** What the histories of a run and of its pages hold. */
export async function readHistories(client: Client, workflowId: string): Promise<HistoryFacts> {
  const main = await eventsOf(client, workflowId);
  const pages = await Promise.all(childrenOf(main).map((id) => eventsOf(client, id)));
  const all = [main, ...pages];
  const sizes = all.map((events) => events.reduce((sum, event) => sum + bytesOf(event), 0));
  const timeOf = (wanted: (event: Event) => unknown) => {
    const event = main.find((one) => wanted(one) != null);
    return event === undefined ? null : time(event);
  };
  return {
    workflows: all.length,
    events: all.reduce((sum, events) => sum + events.length, 0),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    mostEvents: Math.max(...all.map((events) => events.length)),
    mostBytes: Math.max(...sizes),
    largestPayload: Math.max(0, ...all.flat().flatMap(payloadSizes)),
    steps: stepsOf(all),
    startedAt: time(main[0] ?? {}),
    gateAt: timeOf((event) => event.timerStartedEventAttributes),
    decidedAt: timeOf((event) => event.workflowExecutionUpdateAcceptedEventAttributes),
    closedAt: timeOf((event) => event.workflowExecutionCompletedEventAttributes),
  };
}

/** Waits until the run stands at its gate, without asking the workflow itself again and again. */
export async function gateReached(client: Client, workflowId: string): Promise<void> {
  let token: Uint8Array | undefined;
  for (;;) {
    const answer = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId },
      waitNewEvent: true,
      ...(token === undefined ? {} : { nextPageToken: token }),
    });
    for (const event of answer.history?.events ?? []) {
      if (event.timerStartedEventAttributes != null) return;
      if (event.workflowExecutionFailedEventAttributes != null) {
        throw new Error(
          `${workflowId}: ${event.workflowExecutionFailedEventAttributes.failure?.message ?? ''}`,
        );
      }
    }
    token = answer.nextPageToken.length > 0 ? answer.nextPageToken : undefined;
  }
}

/** Milliseconds since the epoch. */
export async function firstTaskAt(client: Client, workflowId: string): Promise<number> {
  const events = await eventsOf(client, workflowId);
  return time(events.find((event) => event.workflowTaskStartedEventAttributes != null) ?? {});
}

async function eventsOf(client: Client, workflowId: string): Promise<Event[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return events ?? [];
}

function childrenOf(events: readonly Event[]): string[] {
  return events.flatMap(
    ({ startChildWorkflowExecutionInitiatedEventAttributes: child }) =>
      (child?.workflowType?.name === 'synchronizePage' && child.workflowId) || [],
  );
}

function stepsOf(histories: readonly Event[][]): Step[] {
  const steps = new Map<string, Step & { first: number; last: number }>();
  for (const events of histories) {
    const scheduled = new Map<string, { activity: string; at: number; started: number }>();
    for (const event of events) {
      const { activityTaskScheduledEventAttributes: schedule } = event;
      const { activityTaskStartedEventAttributes: start } = event;
      const { activityTaskCompletedEventAttributes: completed } = event;
      if (schedule != null) {
        const activity = schedule.activityType?.name ?? '';
        scheduled.set(String(event.eventId), { activity, at: time(event), started: time(event) });
      } else if (start != null) {
        const one = scheduled.get(String(start.scheduledEventId));
        if (one !== undefined) one.started = time(event);
      } else if (completed != null) {
        const one = scheduled.get(String(completed.scheduledEventId));
        if (one === undefined) continue;
        const { activity, at, started } = one;
        const end = time(event);
        const step = steps.get(activity) ?? {
          activity,
          count: 0,
          total: 0,
          waited: 0,
          wall: 0,
          first: at,
          last: end,
        };
        steps.set(activity, step);
        step.count += 1;
        step.total += end - started;
        step.waited += started - at;
        step.first = Math.min(step.first, at);
        step.last = Math.max(step.last, end);
        step.wall = step.last - step.first;
      }
    }
  }
  return [...steps.values()].map(({ activity, count, total, waited, wall }) => ({
    activity,
    count,
    total,
    waited,
    wall,
  }));
}

function time({ eventTime }: Event): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}

function bytesOf(event: Event): number {
  return HistoryEvent.encode(event).finish().length;
}

/** The sizes of all payloads in an event, wherever they are. */
function payloadSizes(value: unknown): number[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  if ('data' in value && value.data instanceof Uint8Array && 'metadata' in value) return [value.data.length];
  return Object.values(value).flatMap(payloadSizes);
}
