import { beforeEach, expect, it, vi } from 'vitest';
import { listen } from '../../../../workflows/failover/gate-messages.js';
import { reset, temporal } from './fake-temporal.js';
import { runOf } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

const MAY_NOT = '"eve" may not approve: approval.from names "alice"; one of them has to decide';

/** A run at its gate, on which only alice decides. */
function atGate() {
  const run = runOf({ approval: { from: ['alice'] } }, { known: [] });
  listen(run);
  run.gate.open([], Date.now(), 86_400_000);
  const send = (kind: string, message: object) => {
    temporal.handlers[kind]?.(message);
    return run.gate.memory;
  };
  return { run, send };
}

it('only an approver approves, and decides what rows mean', () => {
  const { send } = atGate();
  expect(send('approve', { by: 'eve' })).toMatchObject({ state: 'open', refused: [{ reason: MAY_NOT }] });
  for (const rows of [{ ignoreRows: ['public.a'] }, { raisePastRows: ['public.a'] }]) {
    const { resynchronizeBy, refused } = send('resynchronize', { by: 'eve', ...rows });
    expect([resynchronizeBy, refused.at(-1)]).toMatchObject([
      null,
      { kind: 'resynchronize', reason: MAY_NOT },
    ]);
  }
  expect(send('approve', { by: 'ALICE' })).toMatchObject({ state: 'approved', refusedCount: 3 });
});

it('anybody rejects, and has the sequences synchronized again', () => {
  expect(atGate().send('resynchronize', { by: 'eve' })).toMatchObject({
    resynchronizeBy: 'eve',
    refused: [],
  });
  const { run, send } = atGate();
  let rejected = 0;
  run.observe({ rejected: () => (rejected += 1) });
  expect(send('reject', { by: 'eve', reason: 'no' })).toMatchObject({ state: 'rejected', refused: [] });
  expect(rejected).toBe(1);
});

it('an update is told why it had no effect', () => {
  const { run } = atGate();
  const decide = (message: object) => temporal.handlers['decide']?.(message);
  expect(() => decide({ decision: 'approve', by: 'eve' })).toThrow(
    expect.objectContaining({ type: 'Refused', message: MAY_NOT }) as Error,
  );
  expect(decide({ decision: 'approve', by: 'alice' })).toEqual({
    state: 'approved',
    approvals: 1,
    required: 1,
  });
  expect(run.gate.memory.refusedCount).toBe(1);
});
