import { expect, it } from 'vitest';
import { parsePromotionFleetInput } from '../../../src/contract/promotion-fleet-input.js';
import { promotionFleetStart, promotionStart } from '../../../src/terminal/promotion-start.js';

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

it('the input with which a fleet of promotions can be started again without the fleet that handed off', () => {
  const run = { workflowId: 'w', runId: 'r' };
  const handedOff = {
    ...{ fleet: run, ticket: 'CHG-1', requestedBy: null },
    pairs: ['orders', 'users'].map((pair) => ({ pair, ...run })),
  };
  const plain = { ...record, selection: undefined, gate: null } as unknown as typeof record;
  const again = (own: object) =>
    promotionFleetStart('promote-eu', {
      ...{ handedOff, own: own as Record<string, unknown> },
      records: [record, plain] as never,
    });
  const overrides = [{ match: 'public.a', rows: 'raise' }, decided];
  expect(again({ outageBudget: '1 minute' })).toEqual({
    workflowId: 'promote-eu',
    input: {
      pairs: [
        { pair: 'orders', input: { exclude: ['scratch.*'], overrides, accept: ['SLOT_MISSING'] } },
        'users',
      ],
      ...{ ticket: 'CHG-1', outageBudget: '1 minute' },
    },
  });
  // The fleet's own selection replaces that of the runs, and what it accepts is accepted too.
  expect(again({ include: ['public.*'], accept: ['GRANT_BY_OTHERS'] }).input).toEqual({
    pairs: [
      {
        pair: 'orders',
        input: {
          ...{ include: ['public.*'], overrides: [decided], accept: ['SLOT_MISSING', 'GRANT_BY_OTHERS'] },
        },
      },
      { pair: 'users', input: { include: ['public.*'], accept: ['GRANT_BY_OTHERS'] } },
    ],
    ...{ ticket: 'CHG-1', accept: ['GRANT_BY_OTHERS'] },
  });
  expect(parsePromotionFleetInput([again({ include: ['public.*'] }).input]).ok).toBe(true);
});

it.each([
  ['it cannot be read', null],
  ['it is no input', ['orders']],
  ['a fleet of runs handed off', [{ fleet: { workflowId: 'f', runId: 'r' }, pairs: [] }, {}]],
])('no start is known: %s', (_, args) => {
  expect(promotionStart('w', args)).toBeNull();
});
