import { afterAll, beforeAll, expect, it } from 'vitest';
import { json } from '../stage/payloads.js';
import { completed } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { usedPair } from './held-phases.js';
import { hold } from './hold.js';
import { buffer, expectAhead, recorded } from './invariants.js';
import { Witness } from './witness.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
afterAll(async () => {
  await stage.stop();
});

const unreachable = { code: 'PRIMARY_UNREACHABLE', sequence: null };

it(
  'lets an approver go on without a primary that died during the wait, by name alone',
  { timeout: 90_000 },
  async () => {
    const pair = await usedPair(stage);
    await pair.databases.subscribe();
    const witness = new Witness(pair.standbyUrl);
    const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
    await run.atGate();
    // A look at a primary that is still there.
    const { primaryReadAt: first } = await run.status();
    await run.until('it has looked again', ({ primaryReadAt }) => primaryReadAt !== first);
    await pair.toPrimary.refuse();
    const began = performance.now();
    const { gate, findings } = await run.until(
      'the gate is blocked',
      (status) => status.gate?.state === 'blocked',
    );
    console.info('primary lost: seen after', Math.round(performance.now() - began), 'ms');
    expect(gate).toMatchObject({ approvals: [], blockedBy: [unreachable] });
    expect(findings.find(({ code }) => code === 'PRIMARY_UNREACHABLE')).toMatchObject({
      severity: 'block',
      remedy: expect.stringContaining('{"accept": ["PRIMARY_UNREACHABLE"]}') as string,
    });
    const { primaryReadAt: last } = await run.status();

    expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({
      stands: false,
      error: expect.stringMatching(/blocked by PRIMARY_UNREACHABLE/) as string,
    });
    expect(
      await run.decide(...json({ decision: 'approve', by: 'alice', accept: ['PRIMARY_UNREACHABLE'] })),
    ).toMatchObject({ stands: true, answer: { state: 'approved' } });
    expect(await completed(run)).toMatchObject({
      outcome: 'handed-off',
      primaryReadAt: last,
      gate: {
        state: 'approved',
        approvals: [{ by: 'alice', accept: ['PRIMARY_UNREACHABLE'] }],
        refusedCount: 1,
      },
    });
    expect(await recorded(pair, run)).toMatchObject({ state: 'completed' });
    await expectAhead(pair);
    expect(await witness.testify()).toMatchObject({ lowered: [] });
  },
);

it('opens the gate again by itself when the primary is back', { timeout: 90_000 }, async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  await pair.toPrimary.refuse();
  await run.until('the gate is blocked', (status) => status.gate?.state === 'blocked');
  // Meanwhile applications went on writing there.
  await pair.databases.primary.sql("SELECT setval('s_0001', 5000)");
  await pair.toPrimary.accept();
  const began = performance.now();
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  console.info('primary back: seen after', Math.round(performance.now() - began), 'ms');
  await run.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  await expectAhead(pair);
});

it('returns to the gate when the primary dies after the approval', { timeout: 90_000 }, async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  await pair.toPrimary.refuse();
  await run.signal('approve', ...json({ by: 'alice' }));
  const { gate } = await run.until('the gate is blocked', (status) => status.gate?.state === 'blocked');
  expect(gate).toMatchObject({ approvals: [], blockedBy: [unreachable], refusedCount: 1 });
  await run.signal('approve', ...json({ by: 'bob', accept: ['PRIMARY_UNREACHABLE'] }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', gate: { approvals: [{ by: 'bob' }] } });
  await expectAhead(pair);
});

it('waits for a standby that is away, which nobody can accept', { timeout: 90_000 }, async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  await pair.toStandby.refuse();
  const { gate } = await run.until('the gate is blocked', (status) => status.gate?.state === 'blocked');
  expect(gate?.blockedBy).toEqual([{ code: 'STANDBY_UNREACHABLE', sequence: null }]);
  expect(
    await run.decide(...json({ decision: 'approve', by: 'alice', accept: ['STANDBY_UNREACHABLE'] })),
  ).toMatchObject({ stands: false, error: expect.stringMatching(/nobody can accept/) as string });
  await pair.toStandby.accept();
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  await run.signal('approve', ...json({ by: 'bob' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', gate: { approvals: [{ by: 'bob' }] } });
  await expectAhead(pair);
});

it('goes on waiting when a look fails for a catalog that is locked', { timeout: 90_000 }, async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  const lock = await hold(pair.standbyUrl, 'LOCK TABLE pg_sequence IN ACCESS EXCLUSIVE MODE');
  const began = performance.now();
  const { gate } = await run.until('the gate is blocked', (status) => status.gate?.state === 'blocked');
  console.info('a locked catalog: seen after', Math.round(performance.now() - began), 'ms');
  expect(gate?.blockedBy).toEqual([{ code: 'LOOK_FAILED', sequence: null }]);
  expect(
    await run.decide(...json({ decision: 'approve', by: 'alice', accept: ['LOOK_FAILED'] })),
  ).toMatchObject({ stands: false });
  await lock.commit();
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  await run.signal('approve', ...json({ by: 'bob' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', gate: { approvals: [{ by: 'bob' }] } });
  await expectAhead(pair);
});
