import { expect, it } from 'vitest';
import { promotionStart } from '../../../src/terminal/promotion-start.js';

const record = {
  ...{
    mode: 'failover',
    checklist: [],
    outcome: 'handed-off',
    pair: 'orders',
    ticket: 'CHG-1',
    requestedBy: null,
  },
  selection: { exclude: ['scratch.*'], overrides: [{ match: 'public.a', rows: 'raise' }] },
  gate: {
    approvals: [{ by: 'alice', at: '', reason: null, accept: ['SLOT_MISSING'] }],
    decidedRows: [{ sequence: 'public.b', rows: 'ignore', by: 'alice' }],
  },
};
const decided = { match: 'public.b', rows: 'ignore' };

it.each([
  ['by hand, without an input', [], {}],
  ['by hand', [{ pair: 'orders', failback: false }], { pair: 'orders', failback: false }],
  [
    'a handoff: what the run selected and its approvals decided',
    [record],
    {
      ...{ pair: 'orders', ticket: 'CHG-1', exclude: ['scratch.*'], accept: ['SLOT_MISSING'] },
      overrides: [{ match: 'public.a', rows: 'raise' }, decided],
    },
  ],
  [
    'a handoff with an input, whose selection replaces that of the run',
    [
      record,
      { outageBudget: '1 minute', include: ['public.*'], accept: ['GRANT_BY_OTHERS'], ticket: 'CHG-2' },
    ],
    {
      ...{ pair: 'orders', ticket: 'CHG-2', outageBudget: '1 minute', include: ['public.*'] },
      ...{ accept: ['SLOT_MISSING', 'GRANT_BY_OTHERS'], overrides: [decided] },
    },
  ],
])('the input with which a promotion can be started again: %s', (_, args, input) => {
  expect(promotionStart('w', args)).toEqual({ workflowId: 'w', input });
});

it.each([
  ['it cannot be read', null],
  ['it is no input', ['orders']],
  ['a fleet of runs handed off', [{ fleet: { workflowId: 'f', runId: 'r' }, pairs: [] }, {}]],
])('no start is known: %s', (_, args) => {
  expect(promotionStart('w', args)).toBeNull();
});
