import { expect, it } from 'vitest';
import { timelineOf } from '../../../src/record/timeline.js';

const payload = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain').toString('base64') },
  data: Buffer.from(JSON.stringify(value)).toString('base64'),
});

let eventId = 0;
const event = (attributes: object, more: object = {}) => ({
  eventId: String((eventId += 1)),
  eventTime: '2026-05-01T02:00:00.000Z',
  ...attributes,
  ...more,
});
const step = (name: string, summary: string) =>
  event(
    { activityTaskScheduledEventAttributes: { activityId: '1', activityType: { name }, input: {} } },
    { userMetadata: { summary: payload(summary) } },
  );

it('a page tells its steps in words, each once', () => {
  const page = {
    ...{ workflowId: 'failover-1/round-1/page-1', runId: 'r' },
    events: [
      step('fetchPrimarySequences', "fetch the primary's sequences"),
      step('applyTargets', 'apply 200 targets'),
      step('applyTargets', 'apply 100 targets'),
      step('verifyStandby', 'verify the standby'),
    ],
  };
  expect(timelineOf({ chain: [], pages: [page] } as never, []).map(({ what }) => what)).toEqual([
    "page failover-1/round-1/page-1: fetch the primary's sequences, set sequences on the standby, verify the standby",
  ]);
});

it('shows a task that a worker failed, and not one that Temporal repeats because an event came as the run ended', () => {
  const failed = (message: string, cause: string) =>
    event({ workflowTaskFailedEventAttributes: { failure: { message }, cause } });
  const run = {
    ...{ workflowId: 'failover-1', runId: 'r' },
    events: [
      failed('UnhandledCommand', 'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND'),
      failed('no such table', 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE'),
    ],
  };
  expect(
    timelineOf({ chain: [run], pages: [] } as never, []).map(({ what, failure }) => [what, failure]),
  ).toEqual([['a worker could not advance the workflow; Temporal tries again', 'no such table']]);
});

it('shows how the workflow of an operator ended, and why it failed', () => {
  const child = { workflowType: { name: 'askOps' }, workflowExecution: { workflowId: 'f/before-handoff' } };
  const run = {
    ...{ workflowId: 'f', runId: 'r' },
    events: [
      event({ childWorkflowExecutionStartedEventAttributes: child }),
      event({ childWorkflowExecutionFailedEventAttributes: { ...child, failure: { message: 'no' } } }),
      event({ childWorkflowExecutionTimedOutEventAttributes: child }),
      event({
        childWorkflowExecutionCompletedEventAttributes: { ...child, workflowType: { name: 'notification' } },
      }),
    ],
  };
  expect(
    timelineOf({ chain: [run], pages: [] } as never, []).map(({ what, failure }) => [what, failure]),
  ).toEqual([
    ['started the workflow askOps f/before-handoff', null],
    ['the workflow askOps f/before-handoff failed', 'no'],
    ['the workflow askOps f/before-handoff timed out', null],
  ]);
});
