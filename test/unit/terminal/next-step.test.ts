import { expect, it } from 'vitest';
import { nextSteps } from '../../../src/terminal/next-step.js';
import { atGate, finding } from './statuses.js';

const record =
  'keep the record: sequence-failover report failover-orders --format html > failover-orders.html';

it.each([
  [[], `promote the standby by your own procedure, or with: sequence-failover promote --pair orders`],
  // A promotion fences the primary, which is not there.
  [[finding('PRIMARY_LOST', null)], 'promote the standby by your own procedure'],
])(
  'a completed failover that handed off to nobody leaves the promotion to a person: %j',
  (findings, step) => {
    const status = atGate({
      ...{ phase: 'done', pair: 'orders', findings, handoff: null },
      ending: { state: 'completed', message: 'handed-off', at: '2026-05-01T02:10:00.000Z' },
    });
    expect(nextSteps(status, 'failover-orders')).toEqual([step, record]);
    expect(nextSteps({ ...status, mode: 'sync' }, 'sync-orders')).toEqual([]);
  },
);
