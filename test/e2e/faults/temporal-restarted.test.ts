import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/local/until.js';
import { json } from '../stage/payloads.js';
import { completed, failed } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { heldPhases, SEQUENCES, usedPair } from './held-phases.js';
import { buffer, expectAhead, expectOneOutcomeEach, recorded } from './invariants.js';
import { Witness } from './witness.js';

const folder = mkdtempSync(join(tmpdir(), 'sequence-failover-temporal-'));
let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start({ temporal: { dbFile: join(folder, 'temporal.db') } });
});
afterAll(async () => {
  await stage.stop();
  rmSync(folder, { recursive: true });
});

it('goes on when Temporal was killed during the wait and in the middle of applying', async () => {
  const waiting = await usedPair(stage);
  const atGate = await stage.start({ pair: waiting.name, buffer });
  const { gate: before } = await atGate.atGate();
  const begin = heldPhases['synchronizing'];
  if (begin === undefined) throw new Error('no such phase');
  const applying = await begin(stage);
  const witnesses = [waiting, applying.pair].map(({ standbyUrl }) => new Witness(standbyUrl));

  await stage.temporal.kill();
  await applying.release();
  const began = performance.now();
  await stage.temporal.start();

  const answered = () =>
    atGate.status().then(
      ({ gate }) => gate ?? false,
      () => false as const,
    );
  const after = await until(answered, { what: 'the run to answer again' });
  expect(after).toEqual(before);
  expect(await failed(await stage.start({ pair: waiting.name, buffer }))).toMatchObject({
    type: 'NotReady',
    message: expect.stringContaining(`is open: ${atGate.workflowId};`) as string,
  });
  await atGate.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(atGate)).toMatchObject({ outcome: 'handed-off', round: 1 });
  await applying.run.atGate();
  await applying.run.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(applying.run)).toMatchObject({ outcome: 'handed-off' });
  console.info('Temporal was killed: ended after', Math.round(performance.now() - began), 'ms');

  for (const [pair, run] of [
    [waiting, atGate],
    [applying.pair, applying.run],
  ] as const) {
    await expectAhead(pair);
    await expectOneOutcomeEach(run, SEQUENCES);
    expect(await recorded(pair, run)).toMatchObject({ state: 'completed', rows: { 1: SEQUENCES } });
  }
  for (const witness of witnesses) expect(await witness.testify()).toMatchObject({ lowered: [] });
});

it('times out all the same when Temporal was away as the time ran out', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer, approval: { timeout: '10 seconds' } });
  const { gate } = await run.until('the gate has had a deadline', (status) => status.gate?.deadline != null);
  await stage.temporal.kill();
  const deadline = Date.parse(gate?.deadline ?? '');
  await until(() => Date.now() > deadline, { what: 'the deadline' });
  await stage.temporal.start();
  expect(await failed(run)).toMatchObject({
    type: 'ApprovalTimedOut',
    details: { gate: { state: 'timed-out' } },
  });
  expect(await recorded(pair, run)).toMatchObject({ state: 'failed' });
});
