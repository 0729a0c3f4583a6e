import { expect, it } from 'vitest';
import { PROMOTION_FAILURE_TYPES, type PromotionStatus } from '../../../src/contract/promotion.js';
import { afterFailedPromotion } from '../../../src/terminal/after-promotion.js';

const again = 'sequence-failover promote --pair orders';
const workflowId = "promote-o'orders";
const start = { workflowId: 'promote-orders', input: { pair: 'orders' } };
const status = {
  ...{ approvals: [], standby: null, steps: [], leftovers: [], findings: [] },
} as unknown as PromotionStatus;
const next = (type: string, more: Partial<PromotionStatus> = {}) =>
  afterFailedPromotion({ workflowId, type, start, status: { ...status, ...more } });

it.each(PROMOTION_FAILURE_TYPES)('every failed promotion has a next step: %s', (type) => {
  for (const steps of [next(type), afterFailedPromotion({ workflowId, type, start })])
    expect(steps[0]).toMatch(/sequence-failover promote --pair orders$|^do not start it again: /u);
});

it.each([
  ['NotReady', `fix what is named above, then start again: ${again}`],
  ['Rejected', `nothing is left to do; if it is wanted after all, start again: ${again}`],
  [
    'BudgetExceeded',
    `see which step took the time, and give it more with "outageBudget" if need be, then start again: ${again}`,
  ],
  ['A type of a later version', `fix the cause that the message names, then start again: ${again}`],
])('%s: what comes before the start', (type, step) => {
  expect(next(type)).toEqual([step]);
});

it('several missing privileges can be granted at once', () => {
  const missing = { severity: 'block', code: 'PRIVILEGE_MISSING' };
  expect(next('NotReady', { findings: [missing] as never })).toHaveLength(1);
  expect(next('NotReady', { findings: [missing, missing] as never })).toEqual([
    "to grant all at once, if the worker's role is sequence_failover: run docs/how-to/promotion-privileges.sql on both servers",
    `fix what is named above, then start again: ${again}`,
  ]);
});

it('a promotion that a run handed off to is covered by the approval of a new run', () => {
  const approvals = [{ by: 'alice', at: '2026-05-01T02:09:00.000Z', reason: null, accept: [] }];
  expect(next('StepFailed', { approvals })).toEqual([
    `fix the cause that the message names, then start the failover again, or promote without it: ${again}`,
  ]);
});

it('what is not undone comes first, with the place of its statements', () => {
  const change = { step: 'fence', where: 'primary', what: 'the fence', undo: ['SELECT 1;'], failure: 'no' };
  expect(next('NotUndone', { changes: [change] as never })).toEqual([
    `undo by hand what is not undone, with the statements above; then fix the cause, and start again: ${again}`,
  ]);
  const shown = (id: string) => [
    `undo by hand what is not undone: sequence-failover status ${id} shows the statements; then fix the cause, and start again: ${again}`,
  ];
  expect(next('NotUndone', { changes: [] })).toEqual(shown("'promote-o'\\''orders'"));
  // A fleet shows no statements.
  expect(afterFailedPromotion({ workflowId, type: 'NotUndone', start })).toEqual(
    shown('<the workflow ID of each pair>'),
  );
  const pair = (name: string, outcome: 'undone' | 'not-undone' | 'terminated') => ({
    ...{ workflowId: `eu/${name}`, outcome },
  });
  const fleet = { workflowId: 'eu', type: 'NotUndone', start };
  const one = [pair('a', 'undone'), pair('b', 'not-undone')];
  expect(afterFailedPromotion({ ...fleet, pairs: one })).toEqual(shown('eu/b'));
  expect(afterFailedPromotion({ ...fleet, pairs: [...one, pair('c', 'terminated')] })).toEqual([
    `undo by hand what is not undone: sequence-failover status eu/b shows the statements (likewise for eu/c); then fix the cause, and start again: ${again}`,
  ]);
});

it('after the switch nobody starts it again', () => {
  const standby = { host: 'db', port: 5432, database: 'orders' };
  const leftovers = ["on the old primary: SELECT pg_drop_replication_slot('a');"];
  const record = `keep the record: sequence-failover report 'promote-o'\\''orders' --format html > 'promote-o'\\''orders.html'`;
  expect(next('Unfinished', { standby: standby as never, leftovers })).toEqual([
    'do not start it again: the standby is open. Do what the findings say',
    'let the applications connect to db:5432/orders',
    "tidy up: on the old primary: SELECT pg_drop_replication_slot('a');",
    record,
  ]);
  const steps = [{ step: 'traffic', state: 'done', startedAt: null, ms: 1 }] as const;
  expect(next('Unfinished', { standby: standby as never, steps: [...steps] })).toEqual([
    'do not start it again: the standby is open. Do what the findings say',
    record,
  ]);
  const findings = [{ code: 'NEW_PRIMARY_NOT_OPEN' }] as never;
  expect(next('Unfinished', { standby: standby as never, findings })).toEqual([
    'do not start it again: the standby was opened, but was not seen to take writes at the end. Do what the findings say before the applications connect to it',
    record,
  ]);
});

it('after the switch of a fleet, the pairs with something left to do are named', () => {
  const pairs = (['promoted', 'unfinished', 'undone'] as const).map((outcome) => ({
    ...{ workflowId: `eu/${outcome}`, outcome },
  }));
  expect(afterFailedPromotion({ workflowId: 'eu', type: 'Unfinished', start, pairs })).toEqual([
    'do not start it again: standbys are open. Do what the findings say, also those of each pair below',
    'see what is left to do: sequence-failover status eu/unfinished',
    'keep the record: sequence-failover report eu --format html > eu.html',
  ]);
});

it('a pair of a fleet is started again with its fleet', () => {
  const fleet = { workflowId: 'promote-eu', waitsFor: null };
  expect(next('FleetStopped', { fleet })).toEqual([
    'see why the fleet has stopped: sequence-failover status promote-eu',
    'fix that, then start the whole fleet again',
  ]);
  expect(next('NotAhead', { fleet })).toEqual(['fix what is named above, then start the whole fleet again']);
});

it('a promotion whose input is not known is started again as it was', () => {
  expect(afterFailedPromotion({ workflowId, type: 'NotReady', start: null })).toEqual([
    'fix what is named above, then start again, with the command or the input that it was started with',
  ]);
});
