import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encoded, json, noJson, text } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { completed, failed } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

/** A pair with one sequence that can be moved. */
const onePair = () => stage.pair('CREATE SEQUENCE invoices');

/** A pair with a sequence that the standby lacks, besides one that can be moved. */
async function blockedPair() {
  const pair = await onePair();
  await pair.primary.sql('CREATE SEQUENCE orders');
  return pair;
}

/** Only the tests that need one have a subscription. */
const unsubscribed = { severity: 'warn', code: 'NO_SUBSCRIPTION' };
const missing = { code: 'MISSING_ON_STANDBY', sequence: 'public.orders' };

describe('an approval', () => {
  it('hands off after a fresh verification', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    expect(await run.atGate()).toMatchObject({
      phase: 'awaiting-approval',
      gate: { state: 'open', required: 1, approvals: [], refused: [], refusedCount: 0, blockedBy: [] },
    });
    // Consumed after the gate opened: the verification after the approval must notice, and top up.
    await pair.primary.sql("SELECT setval('invoices', 7000)");
    await run.signal('approve', ...json({ by: ' alice ', reason: 'CHG-1' }));
    expect(await completed(run)).toMatchObject({
      outcome: 'handed-off',
      phase: 'done',
      round: 2,
      counts: { total: 1, applied: 1, kept: 0, skipped: 0, failed: 0 },
      minimumHeadroom: { sequence: 'public.invoices', calls: '10000' },
      gate: {
        state: 'approved',
        approvals: [{ by: 'alice', at: expect.stringMatching(/Z$/) as string, reason: 'CHG-1', accept: [] }],
        refusedCount: 0,
      },
      checklist: [
        { item: 'Synchronize the sequences', done: true },
        { item: 'Verify that all sequences are ahead of the primary', done: true },
        { item: 'Record the buffer that was used', done: true },
        { item: 'Approve the failover', done: true },
        { item: 'Hand off to promotion', done: true },
      ],
    });
    expect(await pair.standby.positions()).toEqual({ 'public.invoices': ['17000', true] });
  });

  it('counts a person once if two approvals are required', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name, approval: { required: 2 } });
    await run.atGate();
    const approve = (by: string) => run.decide(...json({ decision: 'approve', by }));
    expect(await approve('alice')).toEqual({
      stands: true,
      answer: { state: 'open', approvals: 1, required: 2 },
    });
    for (const by of ['alice ', 'Alice']) {
      expect(await approve(by)).toEqual({
        stands: true,
        answer: { state: 'open', approvals: 1, required: 2 },
      });
    }
    expect((await run.status()).gate).toMatchObject({ state: 'open', approvals: [{ by: 'Alice' }] });
    expect(await approve('bob')).toEqual({
      stands: true,
      answer: { state: 'approved', approvals: 2, required: 2 },
    });
    expect(await completed(run)).toMatchObject({ gate: { approvals: [{ by: 'Alice' }, { by: 'bob' }] } });
  });

  it('is refused while there is a block, and counts if it accepts the block by name', async () => {
    const pair = await blockedPair();
    const run = await stage.start({ pair: pair.name });
    expect(await run.atGate()).toMatchObject({
      gate: { state: 'blocked', blockedBy: [missing] },
      findings: [
        {
          ...missing,
          severity: 'block',
          count: 1,
          remedy: expect.stringContaining('CREATE SEQUENCE public.orders') as string,
        },
        unsubscribed,
      ],
      counts: { total: 2, applied: 1, failed: 1 },
    });
    await run.signal('approve', ...json({ by: 'alice' }));
    const refused = await run.until('the signal is refused', ({ gate }) => gate?.refusedCount === 1);
    expect(refused.gate).toMatchObject({
      state: 'blocked',
      approvals: [],
      refused: [
        {
          kind: 'approve',
          by: 'alice',
          reason: expect.stringMatching(/^blocked by MISSING_ON_STANDBY on public\.orders/) as string,
        },
      ],
    });
    const unknown = await run.decide(
      ...json({ decision: 'approve', by: 'alice', accept: ['public.orders', 'public.other'] }),
    );
    expect(unknown).toMatchObject({
      stands: false,
      error: expect.stringContaining('"public.other"') as string,
    });
    const accepted = await run.decide(
      ...json({ decision: 'approve', by: 'alice', accept: ['public.orders'] }),
    );
    expect(accepted).toEqual({ stands: true, answer: { state: 'approved', approvals: 1, required: 1 } });
    expect(await completed(run)).toMatchObject({
      outcome: 'handed-off',
      gate: {
        approvals: [{ by: 'alice', accept: ['public.orders'] }],
        refusedCount: 2,
        blockedBy: [missing],
      },
      findings: [missing, unsubscribed],
    });
    expect(await pair.standby.positions()).toEqual({ 'public.invoices': ['10000', true] });
  });

  it('can accept a block without a sequence by its code', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name, include: ['public.*', 'sales.*'] });
    expect((await run.atGate()).gate).toMatchObject({
      blockedBy: [{ code: 'PATTERN_UNMATCHED', sequence: null }],
    });
    await run.signal('approve', ...json({ by: 'alice', accept: ['PATTERN_UNMATCHED'] }));
    expect(await completed(run)).toMatchObject({ gate: { approvals: [{ accept: ['PATTERN_UNMATCHED'] }] } });
  });

  it('of two is cleared by a new block', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name, approval: { required: 2, recheckEvery: '1 second' } });
    await run.atGate();
    await run.signal('approve', ...json({ by: 'alice' }));
    await pair.primary.sql('CREATE SEQUENCE orders');
    expect(
      await run.until('the new sequence is seen', ({ gate }) => gate?.state === 'blocked'),
    ).toMatchObject({
      gate: { approvals: [], blockedBy: [missing] },
    });
  });

  it('has to be given again if the verification after it finds a block', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    await pair.primary.sql('CREATE SEQUENCE orders');
    await run.signal('approve', ...json({ by: 'alice' }));
    const back = await run.until('the gate is blocked again', ({ gate }) => gate?.state === 'blocked');
    expect(back).toMatchObject({
      phase: 'awaiting-approval',
      gate: {
        approvals: [],
        blockedBy: [missing],
        refused: [
          { kind: 'approve', by: 'alice', reason: 'the verification after the approval found public.orders' },
        ],
      },
      checklist: [{}, {}, {}, { item: 'Approve the failover', done: false, at: null }, { done: false }],
    });
    await run.signal('reject', ...json({ by: 'bob', reason: 'not today' }));
    expect(await failed(run)).toMatchObject({ type: 'Rejected' });
  });
});

it('resynchronizes once the block is fixed, and then takes the approval', async () => {
  const pair = await blockedPair();
  await pair.primary.sql("SELECT setval('orders', 500)");
  const run = await stage.start({ pair: pair.name });
  await run.atGate();
  await pair.standby.sql('CREATE SEQUENCE orders');
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  const status = await run.until('the gate is open', ({ gate }) => gate?.state === 'open');
  expect(status).toMatchObject({
    round: 2,
    counts: { total: 2, applied: 2, kept: 0, skipped: 0, failed: 0 },
    findings: [unsubscribed],
    gate: { approvals: [], blockedBy: [], refusedCount: 0 },
  });
  await run.signal('approve', ...json({ by: 'alice' }));
  await completed(run);
  expect(await pair.standby.positions()).toEqual({
    'public.invoices': ['10000', true],
    'public.orders': ['10500', true],
  });
});

it('tops up while it waits, in a round of its own', async () => {
  const pair = await onePair();
  const run = await stage.start({ pair: pair.name, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  await pair.primary.sql("SELECT setval('invoices', 6000)");
  expect(await run.toppedUp()).toMatchObject({
    gate: { state: 'open' },
    minimumHeadroom: { calls: '10000' },
    counts: { total: 1, applied: 1 },
  });
  expect(await pair.standby.positions()).toEqual({ 'public.invoices': ['16000', true] });
  expect((await run.sequences({})).rows).toEqual([
    {
      sequence: 'public.invoices',
      primaryNext: '6001',
      standbyBefore: '10001',
      target: '16001',
      standbyNext: '16001',
      buffer: '10000',
      outcome: 'applied',
      reason: 'topped up while waiting',
    },
  ]);
});

describe('the run ends as Failed', () => {
  it('when it is rejected', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    expect(
      await run.decide(...json({ decision: 'reject', by: 'bob', reason: 'the change was called off' })),
    ).toEqual({
      stands: true,
      answer: { state: 'rejected', approvals: 0, required: 1 },
    });
    expect(await failed(run)).toMatchObject({
      type: 'Rejected',
      message: 'bob rejected the failover: the change was called off; nothing was handed off',
      details: {
        phase: 'done',
        gate: { state: 'rejected', approvals: [] },
        checklist: [{ done: true }, { done: true }, { done: true }, { done: false }, { done: false }],
      },
    });
  });

  it('when nobody approves in time', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name, approval: { timeout: '1 second' } });
    expect(await failed(run)).toMatchObject({
      type: 'ApprovalTimedOut',
      message: `0 of 1 approvals came within 1 second for the pair ${pair.name}; nothing was handed off, start a new run when it is time: temporal workflow start --type sequenceFailover --task-queue sequence-failover --fail-existing --workflow-id ${run.workflowId} --input '{"pair":"${pair.name}","approval":{"timeout":"1 second"}}'`,
      details: { phase: 'done', gate: { state: 'timed-out', approvals: [] } },
    });
  });
});

it('is cancelled at the gate', async () => {
  const pair = await onePair();
  const run = await stage.start({ pair: pair.name });
  await run.atGate();
  await run.cancel();
  expect(await run.ending()).toEqual({ status: 'CANCELED' });
  expect((await run.status()).phase).toBe('done');
});

describe('messages without effect', () => {
  const messages: Record<string, { name: string; input: string[]; by: string | null; reason: RegExp }> = {
    'an approval by nobody': { name: 'approve', input: json({}), by: null, reason: /^by is missing/ },
    'an approval by spaces': {
      name: 'approve',
      input: json({ by: '  ' }),
      by: '  ',
      reason: /^by: .*not only spaces/,
    },
    'an unknown field': {
      name: 'approve',
      input: json({ by: 'eve', force: true }),
      by: 'eve',
      reason: /^force: found an unknown field/,
    },
    'no argument': {
      name: 'approve',
      input: [],
      by: null,
      reason: /^found no argument; expected one JSON object/,
    },
    null: { name: 'approve', input: json(null), by: null, reason: /^the argument: found null/ },
    'a string': { name: 'approve', input: json('eve'), by: null, reason: /^the argument: found "eve"/ },
    'an array': {
      name: 'approve',
      input: json([{ by: 'eve' }]),
      by: null,
      reason: /^the argument: found \[\{"by":"eve"\}\]/,
    },
    'two arguments': {
      name: 'approve',
      input: json({ by: 'eve' }, {}),
      by: 'eve',
      reason: /^found 2 arguments/,
    },
    'another encoding': {
      name: 'approve',
      input: encoded('binary/encrypted', 'x'),
      by: null,
      reason: /^the payload could not be decoded \(encoding "binary\/encrypted"\)/,
    },
    'no JSON': {
      name: 'reject',
      input: noJson,
      by: null,
      reason: /could not be decoded \(encoding "json\/plain"\)/,
    },
    bytes: { name: 'reject', input: encoded('binary/plain', '{}'), by: null, reason: /could not be decoded/ },
    'a lone surrogate': {
      name: 'approve',
      input: text('{"by": "\\ud800"}'),
      by: '\ufffd',
      reason: /^by: found/,
    },
    'a rejection without a reason': {
      name: 'reject',
      input: json({ by: 'eve' }),
      by: 'eve',
      reason: /^reason is missing/,
    },
    'a resynchronization with one': {
      name: 'resynchronize',
      input: json({ by: 'eve', reason: 'x' }),
      by: 'eve',
      reason: /^reason: found an unknown field/,
    },
    'an unknown name': {
      name: 'promote',
      input: json({ by: 'eve' }),
      by: null,
      reason: /^unknown signal; this workflow takes approve, /,
    },
    'a name of an object': { name: 'constructor', input: json(1), by: null, reason: /^unknown signal/ },
    __proto__: {
      name: 'approve',
      input: text('{"__proto__": {"by": "eve"}}'),
      by: null,
      reason: /__proto__: found an unknown field/,
    },
  };

  it('are recorded with sender and reason, and change nothing', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    for (const { name, input } of Object.values(messages)) await run.signal(name, ...input);
    const count = Object.keys(messages).length;
    const { gate, phase } = await run.until(
      'all are refused',
      (status) => status.gate?.refusedCount === count,
    );
    expect({ phase, state: gate?.state, approvals: gate?.approvals }).toEqual({
      phase: 'awaiting-approval',
      state: 'open',
      approvals: [],
    });
    expect(gate?.refused).toEqual(
      Object.values(messages).map(({ name, by, reason }) => ({
        at: expect.stringMatching(/Z$/) as string,
        kind: name,
        by,
        reason: expect.stringMatching(reason) as string,
      })),
    );
    await run.signal('approve', ...json({ by: 'alice' }));
    expect(await completed(run)).toMatchObject({ gate: { refusedCount: count } });
  });

  it('are the last 50 of them in the record, with texts of at most 500 characters', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    const send = (index: number) => run.signal('approve', ...json({ by: `${index}-${'x'.repeat(5_000)}` }));
    for (let index = 0; index < 60; index += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, offset) => send(index + offset)));
    }
    const { gate } = await run.until('all are refused', (status) => status.gate?.refusedCount === 60);
    expect(gate?.refused).toHaveLength(50);
    expect(gate?.refused.every(({ by, reason }) => by?.length === 500 && reason.length <= 500)).toBe(true);
  });

  it('are refused before the gate opens, and have no later effect', async () => {
    const pair = await onePair();
    // Together with the start, so that it is there before anything else.
    const run = await stage.signalWithStart({ pair: pair.name }, 'approve', { by: 'eager' });
    const { gate } = await run.atGate();
    expect(gate).toMatchObject({
      state: 'open',
      approvals: [],
      refused: [
        { kind: 'approve', by: 'eager', reason: expect.stringMatching(/^the gate is closed/) as string },
      ],
      refusedCount: 1,
    });
  });

  it('stop the run where they reject, also together with the start', async () => {
    const pair = await onePair();
    const before = await pair.standby.positions();
    const run = await stage.signalWithStart({ pair: pair.name }, 'reject', { by: 'bob', reason: 'not now' });
    expect(await failed(run)).toMatchObject({
      type: 'Rejected',
      message: 'bob rejected the failover: not now; nothing was handed off',
      details: { round: 0, gate: { state: 'rejected', refused: [], refusedCount: 0 } },
    });
    expect(await pair.standby.positions()).toEqual(before);
  });

  it('do not disturb a run without a gate', async () => {
    const pair = await onePair();
    const run = await stage.signalWithStart({ pair: pair.name, mode: 'verify' }, 'approve', { by: 'eager' });
    expect(await failed(run)).toMatchObject({
      type: 'NotAhead',
      details: {
        gate: {
          refused: [
            { kind: 'approve', by: 'eager', reason: 'only a run in the mode failover waits for an approval' },
          ],
        },
      },
    });
  });

  it('come too late for a run that was rejected', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    await run.signal('reject', ...json({ by: 'bob', reason: 'no' }));
    await failed(run);
    await expect(run.signal('approve', ...json({ by: 'alice' }))).rejects.toThrow(/already completed/);
  });
});

describe('while a step is under way', () => {
  it('no approval is taken before the gate opens', async () => {
    const pair = await onePair();
    await pair.standby.sql('BEGIN; ALTER SEQUENCE invoices MAXVALUE 9000000000');
    const run = await stage.start({ pair: pair.name });
    await run.until('it is synchronizing', ({ phase }) => phase === 'synchronizing');
    expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toEqual({
      stands: false,
      error: expect.stringMatching(/the gate is closed: .* send it again when .* gate\.state open/) as string,
    });
    await run.signal('resynchronize', ...json({ by: 'alice' }));
    await run.until('both are refused', ({ gate }) => gate?.refusedCount === 2);
    await pair.standby.sql('ROLLBACK');
    expect((await run.atGate()).gate).toMatchObject({
      state: 'open',
      approvals: [],
      refused: [
        { kind: 'decide', by: 'alice' },
        { kind: 'resynchronize', by: 'alice' },
      ],
    });
  });

  it('a second approval is refused, and a rejection still stops the run', async () => {
    const pair = await stage.pair('CREATE SEQUENCE invoices; CREATE TABLE orders (id bigint PRIMARY KEY)');
    await pair.subscribe();
    const approval = { replicationTimeout: '10 minutes' };
    const run = await stage.start({ pair: pair.name, approval });
    await run.atGate();
    await pair.standby.sql('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    await pair.primary.sql('INSERT INTO orders VALUES (1)');
    await run.signal('approve', ...json({ by: 'alice' }));
    await run.until('the last verification is under way', ({ phase }) => phase === 'verifying');
    expect(await run.decide(...json({ decision: 'approve', by: 'bob' }))).toEqual({
      stands: false,
      error: expect.stringMatching(/the gate was approved already/) as string,
    });
    await run.signal('reject', ...json({ by: 'bob', reason: 'stop' }));
    await run.until('the rejection', ({ gate }) => gate?.state === 'rejected');
    await pair.standby.sql('ROLLBACK');
    expect(await failed(run)).toMatchObject({
      type: 'Rejected',
      message: 'bob rejected the failover: stop; nothing was handed off',
      details: {
        gate: { state: 'rejected', refused: [{ kind: 'decide', by: 'bob' }] },
        checklist: [{}, {}, {}, {}, { item: 'Hand off to promotion', done: false }],
      },
    });
  });
});

describe('the update decide', () => {
  const shapes: Record<string, { input: string[]; error: RegExp }> = {
    'no decision': { input: json({ by: 'eve' }), error: /decision is missing/ },
    'another decision': { input: json({ decision: 'maybe', by: 'eve' }), error: /decision: found "maybe"/ },
    nobody: { input: json({ decision: 'approve' }), error: /by is missing/ },
    'a rejection without a reason': {
      input: json({ decision: 'reject', by: 'eve' }),
      error: /reason is missing/,
    },
    'a rejection that accepts': {
      input: json({ decision: 'reject', by: 'eve', reason: 'no', accept: ['x'] }),
      error: /accept.*nothing to accept/,
    },
    'no argument': { input: [], error: /found no argument/ },
    'two arguments': { input: json({ decision: 'approve', by: 'eve' }, 1), error: /found 2 arguments/ },
    'another encoding': { input: encoded('binary/plain', 'x'), error: /could not be decoded/ },
  };

  it('refuses a malformed message before it enters the history', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    for (const { input, error } of Object.values(shapes)) {
      expect(await run.decide(...input)).toEqual({
        stands: false,
        error: expect.stringMatching(error) as string,
      });
    }
    expect((await run.status()).gate).toMatchObject({
      state: 'open',
      approvals: [],
      refused: [],
      refusedCount: 0,
    });
    expect(await updatesIn(run)).toEqual([]);
  });

  it('answers with the reason of a refusal, and the history keeps it', async () => {
    const pair = await blockedPair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({
      stands: false,
      error: expect.stringMatching(/blocked by MISSING_ON_STANDBY on public\.orders/) as string,
    });
    expect((await run.status()).gate).toMatchObject({
      refused: [{ kind: 'decide', by: 'alice', reason: expect.stringMatching(/^blocked by/) as string }],
      refusedCount: 1,
    });
    expect(await updatesIn(run)).toEqual([
      'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
      'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED',
    ]);
  });

  it('is the only one', async () => {
    const pair = await onePair();
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    expect(await run.update('approve', ...json({ by: 'alice' }))).toMatchObject({
      stands: false,
      error: expect.stringMatching(/unknown update; this workflow takes decide/) as string,
    });
    expect((await run.status()).gate).toMatchObject({ state: 'open', approvals: [] });
  });

  async function updatesIn(run: { history(): Promise<{ events: { eventType: string }[] }> }) {
    const { events } = await run.history();
    return events.map(({ eventType }) => eventType).filter((type) => type.includes('UPDATE_'));
  }
});

describe('one open run a pair', () => {
  it('refuses the second whatever its ID, and names the first', async () => {
    const pair = await onePair();
    const first = await stage.start({ pair: pair.name }, { workflowId: 'first "holder"' });
    await first.atGate();
    for (const mode of ['failover', 'sync']) {
      expect(await failed(await stage.start({ pair: pair.name, mode }))).toMatchObject({
        type: 'NotReady',
        message: expect.stringContaining(
          `another run on the pair ${pair.name} is open: first "holder"`,
        ) as string,
        details: { pair: pair.name, phase: 'done' },
      });
    }
    // Reading disturbs nobody.
    expect(await completed(await stage.start({ pair: pair.name, mode: 'verify' }))).toMatchObject({
      outcome: 'verified',
    });
    expect(await completed(await stage.start({ pair: pair.name, mode: 'plan' }))).toMatchObject({
      outcome: 'planned',
    });
    expect((await first.status()).gate).toMatchObject({ state: 'open' });
  });

  it.each([
    { how: 'cancelled', end: 'cancel' as const },
    { how: 'terminated', end: 'terminate' as const },
    { how: 'completed', end: 'approve' as const },
    { how: 'rejected', end: 'reject' as const },
  ])('lets the next one in when the first was $how', async ({ end }) => {
    const pair = await onePair();
    const first = await stage.start({ pair: pair.name });
    await first.atGate();
    if (end === 'cancel' || end === 'terminate') await first[end]();
    else await first.signal(end, ...json({ by: 'alice', reason: 'x' }));
    await first.ending();
    expect(await completed(await stage.start({ pair: pair.name, mode: 'sync' }))).toMatchObject({
      outcome: 'synchronized',
    });
  });
});

describe('who approves, and when', () => {
  it('takes approvals from those that the input names, by signal and by update', async () => {
    const pair = await onePair();
    const run = await stage.start({
      ...{ pair: pair.name, requestedBy: 'carol', bufferReason: 'twice the peak of Friday' },
      approval: { required: 2, from: ['Alice', 'bob', 'carol'] },
    });
    expect(await run.atGate()).toMatchObject({
      buffer: { reason: 'twice the peak of Friday' },
      gate: { approvers: { from: ['Alice', 'bob', 'carol'], except: 'carol' } },
    });
    await run.signal('approve', ...json({ by: 'mallory' }));
    await run.signal('resynchronize', ...json({ by: 'mallory', ignoreRows: ['public.invoices'] }));
    const barred = await run.until('both are refused', ({ gate }) => gate?.refusedCount === 2);
    const reason = expect.stringContaining(
      '"mallory" may not approve: approval.from names "Alice"',
    ) as string;
    expect(barred.gate?.refused).toMatchObject([
      { kind: 'approve', by: 'mallory', reason },
      { kind: 'resynchronize', by: 'mallory', reason },
    ]);
    const requester = await run.decide(...json({ decision: 'approve', by: 'Carol' }));
    expect(requester).toMatchObject({
      stands: false,
      error: expect.stringContaining('asked for this failover and may not approve it') as string,
    });
    await run.signal('approve', ...json({ by: 'ALICE' }));
    await run.decide(...json({ decision: 'approve', by: 'bob' }));
    expect(await completed(run)).toMatchObject({
      buffer: { reason: 'twice the peak of Friday' },
      gate: { approvals: [{ by: 'ALICE' }, { by: 'bob' }], refusedCount: 3 },
    });
  });

  it('is approved early, and watches the pair until notBefore', async () => {
    const pair = await onePair();
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const run = await stage.start({ pair: pair.name, approval: { notBefore, recheckEvery: '1 second' } });
    await run.atGate();
    expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toEqual({
      stands: true,
      answer: { state: 'open', approvals: 1, required: 1, heldUntil: notBefore },
    });
    expect(await run.decide(...json({ decision: 'approve', by: 'bob' }))).toMatchObject({ stands: false });
    await pair.primary.sql("SELECT setval('invoices', 7000)");
    const waiting = await run.until('it is topped up', ({ round }) => round === 2);
    expect(waiting).toMatchObject({
      phase: 'awaiting-approval',
      gate: { state: 'open', notBefore, heldUntil: notBefore },
    });
    await run.cancel();
  });

  it('acts at notBefore if it is approved early', async () => {
    const pair = await onePair();
    const notBefore = new Date(Date.now() + 20_000).toISOString();
    const run = await stage.start({ pair: pair.name, approval: { notBefore } });
    await run.atGate();
    expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({ stands: true });
    const result = await completed(run);
    expect(result).toMatchObject({
      outcome: 'handed-off',
      gate: { state: 'approved', approvals: [{ by: 'alice' }] },
    });
    expect(result.gate?.heldUntil).toBeUndefined();
    const approvedAt = result.checklist.find(({ item }) => item === 'Approve the failover')?.at ?? '';
    expect(approvedAt >= notBefore).toBe(true);
  });

  it('needs another approval after a new block before notBefore', async () => {
    const pair = await onePair();
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const run = await stage.start({ pair: pair.name, approval: { notBefore, recheckEvery: '1 second' } });
    await run.atGate();
    await run.decide(...json({ decision: 'approve', by: 'alice' }));
    await pair.primary.sql('CREATE SEQUENCE orders');
    const blocked = await run.until('it is blocked', ({ gate }) => gate?.state === 'blocked');
    expect(blocked.gate).toMatchObject({ approvals: [], blockedBy: [missing] });
    expect(blocked.gate?.heldUntil).toBeUndefined();
    await run.decide(...json({ decision: 'approve', by: 'alice', accept: ['public.orders'] }));
    await run.signal('reject', ...json({ by: 'bob', reason: 'not tonight' }));
    expect(await failed(run)).toMatchObject({ type: 'Rejected' });
  });
});
