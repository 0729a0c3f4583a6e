import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { attributesOf, type HistoryEvent, historyFromJson } from '../src/record/history-json.js';
import { readRun } from '../src/record/read-run.js';
import { stepsOf } from '../src/record/steps.js';
import { fromServer, type WorkflowHistory } from '../src/record/source.js';

/** One kind of step, over all workflows of a run. */
export interface Step {
  activity: string;
  count: number;
  /** The sum of the times that the activities ran, in milliseconds, also of those that ran at the same time. */
  total: number;
  /** The sum of the times between scheduling and start, in milliseconds. */
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
  const { chain, pages } = await readRun(fromServer(client), workflowId);
  const all = [...chain, ...pages];
  const main = chain.flatMap(({ events }) => events);
  const encoded = all.map((history) => historyFromJson(history).events ?? []);
  const sizes = encoded.map((events) => events.reduce((sum, event) => sum + bytesOf(event), 0));
  const timeOf = (type: string) => {
    const event = main.find((one) => attributesOf(one, type) !== undefined);
    return event === undefined ? null : time(event.eventTime);
  };
  return {
    workflows: all.length,
    events: encoded.reduce((sum, events) => sum + events.length, 0),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    mostEvents: Math.max(...encoded.map((events) => events.length)),
    mostBytes: Math.max(...sizes),
    largestPayload: Math.max(0, ...encoded.flat().flatMap(payloadSizes)),
    steps: kindsOfSteps(all),
    startedAt: time(main[0]?.eventTime),
    gateAt: timeOf('timerStarted'),
    decidedAt: timeOf('workflowExecutionUpdateAccepted'),
    closedAt: timeOf('workflowExecutionCompleted'),
  };
}

/** Waits until the run is at its gate, without repeated queries to the workflow. */
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

/** When a worker first took the run, in milliseconds since the epoch. */
export async function firstTaskAt(client: Client, workflowId: string): Promise<number> {
  const { chain } = await readRun(fromServer(client), workflowId);
  const taken = (event: HistoryEvent) => attributesOf(event, 'workflowTaskStarted') !== undefined;
  return time(chain.flatMap(({ events }) => events).find(taken)?.eventTime);
}

function kindsOfSteps(histories: readonly WorkflowHistory[]): Step[] {
  const kinds = new Map<string, Step & { first: number; last: number }>();
  for (const { activity, scheduledAt, startedAt, completedAt } of histories.flatMap(stepsOf)) {
    if (startedAt === null || completedAt === null) continue;
    const [scheduled, started, completed] = [time(scheduledAt), time(startedAt), time(completedAt)];
    const before = kinds.get(activity);
    const first = Math.min(before?.first ?? scheduled, scheduled);
    const last = Math.max(before?.last ?? completed, completed);
    kinds.set(activity, {
      activity,
      count: (before?.count ?? 0) + 1,
      total: (before?.total ?? 0) + completed - started,
      waited: (before?.waited ?? 0) + started - scheduled,
      wall: last - first,
      first,
      last,
    });
  }
  return [...kinds.values()].map(({ activity, count, total, waited, wall }) => ({
    ...{ activity, count, total, waited, wall },
  }));
}

/** Converts ISO 8601 to milliseconds since the epoch. */
function time(text: string | undefined): number {
  return Date.parse(text ?? '');
}

function bytesOf(event: proto.temporal.api.history.v1.IHistoryEvent): number {
  return proto.temporal.api.history.v1.HistoryEvent.encode(event).finish().length;
}

/** The sizes of all payloads in an event, at any depth. */
function payloadSizes(value: unknown): number[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  if ('data' in value && value.data instanceof Uint8Array && 'metadata' in value) return [value.data.length];
  return Object.values(value).flatMap(payloadSizes);
}
