import { expect, it } from 'vitest';
import { parseInput } from '../../../src/contract/input.js';
import { inputAgain } from '../../../workflows/failover/input-again.js';
import { withoutPrimary } from '../../../workflows/failover/lost-primary.js';

function inputOf(written: object) {
  const parsed = parseInput([written]);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.input;
}

const written = {
  pair: 'orders',
  buffer: { calls: '500' },
  bufferReason: 'a busy evening',
  include: ['public.*'],
  exclude: ['public.old_*'],
  overrides: [{ match: 'public.a', buffer: { calls: '7' } }],
  approval: { required: 2, from: ['alice', 'bob'], requesterMayApprove: true },
  handoff: { workflowType: 'movePgBouncer', taskQueue: 'operations' },
  hooks: {
    beforeHandoff: {
      workflowType: 'mayWeGo',
      taskQueue: 'operations',
      input: { a: 1 },
      timeout: '9 minutes',
    },
  },
  requestedBy: 'carol',
  ticket: 'CHG-1',
};

it('starts a run again with its whole input, except for an instant that has passed', () => {
  const more = { timeout: '2 hours', recheckEvery: '5 seconds', replicationTimeout: '9 seconds' };
  const approval = { ...written.approval, ...more };
  const input = inputOf({ ...written, approval });
  expect(inputOf(inputAgain(input))).toEqual(input);
  expect(
    inputOf(
      inputAgain(inputOf({ ...written, approval: { ...approval, notBefore: '2027-01-31T02:00:00Z' } })),
    ),
  ).toEqual(input);
  expect(inputAgain(inputOf({ pair: 'orders', mode: 'sync' }))).toEqual({ pair: 'orders', mode: 'sync' });
  expect(inputAgain(inputOf({ pair: 'orders', primary: 'lost' }))).toEqual({
    ...{ pair: 'orders', primary: 'lost' },
  });
});

it('keeps of an input whatever a run without the primary can have', () => {
  const kept = inputOf(withoutPrimary(inputOf(written)));
  expect(kept).toEqual({ ...inputOf(written), primary: 'lost' });
});

it('leaves out a promotion that needs the primary', () => {
  const handoff = {
    workflowType: 'promoteStandby',
    taskQueue: 'sequence-failover',
    input: { fence: { kind: 'read-only' } },
  };
  expect(withoutPrimary(inputOf({ pair: 'orders', handoff }))).not.toHaveProperty('handoff');
});
