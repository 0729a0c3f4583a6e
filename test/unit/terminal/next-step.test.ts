import { expect, it } from 'vitest';
import { nextSteps } from '../../../src/terminal/next-step.js';
import { atGate, finding, openGate } from './statuses.js';

const record =
  'keep the record: sequence-failover report failover-orders --format html > failover-orders.html';

it.each([
  [[], `promote the standby by your own procedure, or with: sequence-failover promote --pair orders`],
  // A promotion fences the primary, which is not there.
  [
    [finding('PRIMARY_LOST', null)],
    'promote the standby by hand, as docs/how-to/after-the-failover.md says: promoteStandby needs the primary',
  ],
])(
  'a completed failover that handed off to nobody leaves the promotion to a person: %j',
  (findings, step) => {
    const status = atGate({
      ...{ phase: 'done', pair: 'orders', findings, handoff: null, ticket: null, requestedBy: null },
      ending: { state: 'completed', message: 'handed-off', at: '2026-05-01T02:10:00.000Z' },
    });
    expect(nextSteps(status, 'failover-orders')).toEqual([step, record]);
    expect(nextSteps({ ...status, mode: 'sync' }, 'sync-orders')).toEqual([]);
  },
);

const approve = 'approve it: sequence-failover approve failover-orders --by "$USER"';
const byWorkflow = (workflowType: string) => ({
  ...{ workflowType, workflowId: 'promote-orders', taskQueue: 'q', runId: null },
});
it.each([
  ['nobody', null, `stop everything that writes to the primary, then ${approve}`],
  [
    'a workflow of the operator',
    byWorkflow('promote'),
    `stop everything that writes to the primary, then ${approve}`,
  ],
  ['promoteStandby, which fences the primary', byWorkflow('promoteStandby'), approve],
])('an open gate of a run that hands off to %s', (_, handoff, step) => {
  expect(nextSteps(atGate({ handoff }), 'failover-orders')).toEqual([step]);
  const gone = atGate({ handoff, findings: [finding('PRIMARY_LOST', null)] });
  expect(nextSteps(gone, 'failover-orders')).toEqual([approve]);
});

it('a run that only the loss of its primary blocks has nothing to be fixed', () => {
  const lost = { code: 'PRIMARY_LOST', sequence: null };
  const blockedBy = (blocks: (typeof lost | { code: string; sequence: string })[]) =>
    atGate({ gate: { ...openGate, state: 'blocked', blockedBy: blocks } });
  expect(nextSteps(blockedBy([lost]), 'failover-orders')).toEqual([
    'make sure that the primary stays down, then approve: sequence-failover approve failover-orders --by "$USER" --accept PRIMARY_LOST',
  ]);
  expect(
    nextSteps(blockedBy([lost, { code: 'NO_EVIDENCE', sequence: 'public.a' }]), 'failover-orders'),
  ).toEqual([
    'fix what blocks, then: sequence-failover resynchronize failover-orders --by "$USER"',
    'or accept: sequence-failover approve failover-orders --by "$USER" --accept PRIMARY_LOST --accept public.a',
  ]);
});

it('the promotion that a person starts gets what the approvals have decided', () => {
  const status = atGate({
    ...{ phase: 'done', pair: 'orders', handoff: null, findings: [], ticket: null, requestedBy: null },
    ending: { state: 'completed', message: 'handed-off', at: '2026-05-01T02:10:00.000Z' },
  });
  const approval = { by: 'alice', at: '2026-05-01T02:09:00.000Z', reason: null };
  const gate = {
    ...(status.gate ?? atGate({}).gate),
    approvals: [
      { ...approval, accept: ['TABLES_NOT_READY'] },
      { ...approval, by: 'bob', accept: ['TABLES_NOT_READY'] },
    ],
    decidedRows: [{ sequence: `public."it's*"`, rows: 'ignore', by: 'alice' }],
  } as typeof status.gate;
  expect(nextSteps({ ...status, gate }, 'failover-orders')).toEqual([
    `promote the standby by your own procedure, or with: sequence-failover promote --pair orders --input '{"accept":["TABLES_NOT_READY"],"overrides":[{"match":"public.it'\\''s\\\\*","rows":"ignore"}]}'`,
    record,
  ]);
});

it('the promotion that a person starts gets the patterns of the run, unless they are long', () => {
  const status = atGate({
    ...{ phase: 'done', pair: 'orders', handoff: null, findings: [], ticket: null, requestedBy: null },
    ending: { state: 'completed', message: 'handed-off', at: '2026-05-01T02:10:00.000Z' },
  });
  const gate = {
    ...(status.gate ?? atGate({}).gate),
    decidedRows: [{ sequence: 'public.a', rows: 'ignore', by: 'alice' }],
  } as typeof status.gate;
  const selection = {
    exclude: ['scratch.*'],
    overrides: [{ match: 'public.*', rows: 'raise' as const }],
  };
  expect(nextSteps({ ...status, gate, selection }, 'failover-orders')[0]).toBe(
    `promote the standby by your own procedure, or with: sequence-failover promote --pair orders --input '{"exclude":["scratch.*"],"overrides":[{"match":"public.*","rows":"raise"},{"match":"public.a","rows":"ignore"}]}'`,
  );
  const long = { exclude: Array.from({ length: 40 }, (_, at) => 'a'.repeat(250) + String(at)) };
  expect(nextSteps({ ...status, selection: long }, 'failover-orders')[0]).toBe(
    'promote the standby by your own procedure, or with: sequence-failover promote --after failover-orders',
  );
});

it('says what is done about rows in the way', () => {
  const gate = {
    ...(atGate({}).gate ?? {}),
    ...{ state: 'blocked', blockedBy: [{ code: 'OUTLIER_DATA', sequence: 'public.a' }] },
  } as never;
  expect(nextSteps(atGate({ gate }), 'w').at(-1)).toBe(
    'or ignore the rows beyond the sequence (or --raise-past-rows: set it past them): sequence-failover approve w --by "$USER" --ignore-rows public.a',
  );
});

it('the promotion that a person starts gets the ticket and the requester of the run', () => {
  const status = atGate({
    ...{ phase: 'done', pair: 'orders', handoff: null, findings: [], ticket: 'CHG 1', requestedBy: 'alice' },
    ending: { state: 'completed', message: 'handed-off', at: '2026-05-01T02:10:00.000Z' },
  });
  expect(nextSteps(status, 'failover-orders')[0]).toBe(
    "promote the standby by your own procedure, or with: sequence-failover promote --pair orders --ticket 'CHG 1' --requested-by alice",
  );
});

it('a run that handed off to a workflow of the operator says how to follow it', () => {
  const status = atGate({
    ...{ phase: 'done', handoff: { ...byWorkflow('promote'), runId: 'r1' } },
    ending: { state: 'completed', message: 'handed-off', at: '2026-05-01T02:10:00.000Z' },
  });
  expect(nextSteps(status, 'failover-orders')).toEqual([
    'follow promote: temporal workflow show --follow --workflow-id promote-orders',
  ]);
});
