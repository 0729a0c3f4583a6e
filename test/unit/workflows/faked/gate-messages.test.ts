import { beforeEach, expect, it, vi } from 'vitest';
import { onFlood } from '../../../../workflows/floods.js';
import { listen } from '../../../../workflows/failover/gate-messages.js';
import { ANY_SIGNAL, ANY_UPDATE, reset, temporal } from './fake-temporal.js';
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

it('a message changes what others see, once for all messages of a workflow task', async () => {
  const { run, send } = atGate();
  let changes = 0;
  run.observe({ changed: () => (changes += 1) });
  send('approve', { by: 'eve' });
  send('approve', { by: 'alice' });
  expect(changes).toBe(0);
  await expect.poll(() => changes).toBe(1);
});

it('one of very many signals is taken as any other', () => {
  const { run } = atGate();
  onFlood('approved', [{ by: 'alice' }]);
  onFlood('resynchronize', [{ by: 'bob' }]);
  expect(run.gate.memory).toMatchObject({ resynchronizeBy: 'bob', refused: [{ kind: 'approved' }] });
  const second = atGate().run;
  onFlood('approve', [{ by: 'alice' }]);
  expect(second.gate.state).toBe('approved');
  onFlood('reject', [{ by: 'bob', reason: 'no' }]);
  expect(second.gate.state).toBe('rejected');
});

it('an update is told until when an approved gate waits', () => {
  const [now, hour] = [Date.now(), 3_600_000];
  const run = runOf({}, { known: [], notBefore: now + hour });
  listen(run);
  run.gate.open([], now, 24 * hour);
  expect(temporal.handlers['decide']?.({ decision: 'approve', by: 'alice' })).toEqual({
    ...{ state: 'open', approvals: 1, required: 1, heldUntil: new Date(now + hour).toISOString() },
  });
});

const refusals = (run: ReturnType<typeof runOf>) =>
  run.status().gate?.refused.map(({ kind, by, reason }) => [kind, by, reason]);

it('a signal or an update of another name is only recorded', () => {
  const { run } = atGate();
  temporal.handlers[ANY_SIGNAL]?.('approved', { by: 'alice' });
  expect(() => temporal.handlers[ANY_UPDATE]?.('approve', { by: 'alice' })).toThrow(
    expect.objectContaining({
      type: 'InvalidInput',
      message: 'approve: unknown update; this workflow takes decide',
    }) as Error,
  );
  expect(refusals(run)).toEqual([
    ['approved', null, 'unknown signal; this workflow takes approve, reject and resynchronize'],
    ['approve', null, 'unknown update; this workflow takes decide'],
  ]);
  expect(run.gate.state).toBe('open');
});

it('an update is validated before it is recorded', () => {
  const { run } = atGate();
  const validate = (...args: unknown[]) => temporal.validators['decide']?.(...args);
  expect(() => validate({ by: 'alice' })).toThrow(
    expect.objectContaining({
      type: 'InvalidInput',
      message: expect.stringContaining('decision') as string,
    }) as Error,
  );
  expect(validate({ decision: 'approve', by: 'alice' })).toBeUndefined();
  expect(run.gate.memory).toMatchObject({ state: 'open', refusedCount: 0 });
});

it('a malformed signal says who sent it, and a rejection that comes too late what has happened', () => {
  const { run, send } = atGate();
  send('approve', { by: 'alice', accept: 'SLOT_LOST' });
  send('reject', { by: 'eve', reason: 'no' });
  send('reject', { by: 'bob', reason: 'no' });
  expect(refusals(run)).toEqual([
    ['approve', 'alice', expect.stringContaining('accept')],
    ['reject', 'bob', 'the run was rejected already'],
  ]);
});

it('a run in another mode takes no decision, and says so', () => {
  const run = runOf({ mode: 'sync' });
  listen(run);
  temporal.handlers['approve']?.({ by: 'alice' });
  expect(() => temporal.handlers['decide']?.({ decision: 'reject', by: 'bob', reason: 'no' })).toThrow(
    expect.objectContaining({ type: 'Refused' }) as Error,
  );
  const reason = 'only a run in the mode failover waits for an approval';
  expect(refusals(run)).toEqual([
    ['approve', 'alice', reason],
    ['decide', 'bob', reason],
  ]);
  expect(run.status().gate).toMatchObject({ state: 'closed', required: 0, refusedCount: 2 });
});

it('two spellings of a name are one person', () => {
  const run = runOf({ approval: { required: 2 } }, { known: [] });
  listen(run);
  run.gate.open([], Date.now(), 86_400_000);
  for (const by of ['alice', 'ALICE']) temporal.handlers['approve']?.({ by });
  expect(run.gate.memory).toMatchObject({ state: 'open', approvals: [{ by: 'ALICE' }] });
  temporal.handlers['approve']?.({ by: 'bob' });
  expect(run.gate.memory.state).toBe('approved');
});
