import { expect, it } from 'vitest';
import { FAILURE_TYPES } from '../../../src/contract/failures.js';
import { afterFailedRun } from '../../../src/terminal/after-run.js';

const now = Date.parse('2026-05-01T02:00:00.000Z');
const next = (type: string, workflowId: string, input: Record<string, unknown>) =>
  afterFailedRun(type, { workflowId, input }, now);

it.each([
  ['failover-default', {}, ''],
  ['failover-orders', { mode: 'failover', pair: 'orders' }, ' --pair orders'],
  ['sync-orders', { mode: 'sync', pair: 'orders' }, ' --mode sync --pair orders'],
  [
    'second',
    { pair: 'orders', ticket: 'CHG 1', requestedBy: 'alice', overrides: [{ match: 'a.*', rows: 'raise' }] },
    ` --pair orders --workflow-id second --ticket 'CHG 1' --requested-by alice --input '{"overrides":[{"match":"a.*","rows":"raise"}]}'`,
  ],
  [
    'failover-default',
    { approval: { from: ['alice'], notBefore: '2026-05-01T01:00:00Z' } },
    ` --input '{"approval":{"from":["alice"]}}'`,
  ],
  [
    'failover-default',
    { approval: { notBefore: '2026-05-01T03:00:00Z' } },
    ` --input '{"approval":{"notBefore":"2026-05-01T03:00:00Z"}}'`,
  ],
])('a failed run is started again as it was: %s %j', (workflowId, input, options) => {
  expect(next('NotReady', workflowId, input)).toEqual([
    `fix what is named above, then start it again: sequence-failover start${options}`,
  ]);
});

it('says what comes before the start, unless the failure itself says what to do', () => {
  const none = FAILURE_TYPES.filter((type) => next(type, 'failover-default', {}).length === 0);
  expect(none).toEqual(['Rejected', 'HandoffFailed', 'Internal']);
  expect(next('A type of a later version', 'failover-default', {})).toEqual([]);
  expect(next('ApprovalTimedOut', 'failover-default', {})).toEqual([
    'when it is time, start it again: sequence-failover start',
  ]);
});

it('a run of a standing watch is not started by a person', () => {
  expect(next('NotReady', 'watch-default', { mode: 'sync', ifLocked: 'skip' })).toEqual([]);
});
