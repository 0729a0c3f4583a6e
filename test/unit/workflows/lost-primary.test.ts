import { expect, it } from 'vitest';
import { parseInput } from '../../../src/contract/input.js';
import { withoutPrimary } from '../../../workflows/failover/lost-primary.js';

function inputOf(written: object) {
  const parsed = parseInput([written]);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.input;
}

it('keeps of an input whatever a run without the primary can have', () => {
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
