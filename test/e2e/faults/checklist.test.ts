import { afterAll, beforeAll, expect, it } from 'vitest';
import { json } from '../stage/payloads.js';
import { completed } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { fence } from './fence.js';
import { heldPhases, SEQUENCES, usedPair } from './held-phases.js';
import { hold } from './hold.js';
import { buffer, expectAhead, sequences } from './invariants.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
afterAll(async () => {
  await stage.stop();
});

const allDone = [{ done: true }, { done: true }, { done: true }, { done: true }, { done: true }];
const applied = { total: SEQUENCES, applied: SEQUENCES, kept: 0, skipped: 0, failed: 0 };

it('is complete after the approval needed another round', async () => {
  const pair = await stage.pair(sequences(600));
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  await pair.databases.primary.sql(
    `SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value + 900 * increment_by)
     FROM pg_sequences WHERE schemaname = 'public'`,
  );
  await run.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', round: 2, checklist: allDone });
  await expectAhead(pair);
});

it('is complete once a top-up has set what a round could not set', async () => {
  const held = await heldPhases['verifying']?.(stage);
  if (held === undefined) throw new Error('no run is held while it verifies');
  const { pair, run, release } = held;
  await pair.databases.primary.sql("SELECT setval('s_0001', 1000)");
  await release();
  expect(await run.atGate()).toMatchObject({
    gate: { blockedBy: [{ code: 'NOT_AHEAD', sequence: 'public.s_0001' }] },
    counts: { ...applied, applied: SEQUENCES - 1, failed: 1 },
    checklist: [{ done: true }, { done: false }, { done: true }, { done: false }, { done: false }],
  });
  await run.signal('approve', ...json({ by: 'alice', accept: ['public.s_0001'] }));
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    counts: applied,
    checklist: allDone,
    gate: { blockedBy: [] },
  });
  await expectAhead(pair);
});

it('keeps the results of a round if the next round fails halfway', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer });
  const { checklist } = await run.atGate();
  const alter = await hold(pair.standbyUrl, 'ALTER SEQUENCE s_0002 CACHE 1');
  await pair.databases.primary.sql("SELECT setval('s_0002', 5000)");
  await run.signal('resynchronize', ...json({ by: 'bob' }));
  await run.until('it sets again', async () => (await stage.running(run)).includes('applyTargets'));
  const unfence = await fence(stage, pair);
  await alter.commit();
  expect(await run.until('the gate is blocked', ({ gate }) => gate?.state === 'blocked')).toMatchObject({
    gate: { blockedBy: [{ code: 'PRIMARY_UNREACHABLE', sequence: null }] },
    counts: applied,
    checklist,
  });
  await run.signal('approve', ...json({ by: 'alice', accept: ['PRIMARY_UNREACHABLE'] }));
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    counts: applied,
    checklist: allDone,
  });
  await unfence();
  await expectAhead(pair);
});
