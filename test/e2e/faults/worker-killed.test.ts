import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/local/until.js';
import { json } from '../stage/payloads.js';
import { completed } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { heldPhases, SEQUENCES, usedPair } from './held-phases.js';
import { buffer, expectAhead, expectOneOutcomeEach, recorded } from './invariants.js';
import { Witness } from './witness.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start({ pairs: 7 });
});
afterAll(async () => {
  await stage.stop();
});

it('continues in another worker when one is killed, in every phase', async () => {
  const held = await Promise.all(
    Object.entries(heldPhases).map(async ([phase, begin]) => ({ phase, ...(await begin(stage)) })),
  );
  const witnesses = held.map(({ pair }) => new Witness(pair.databases.standbyUrl));

  await stage.killWorkers();
  const killedAt = performance.now();
  await stage.startWorker();
  for (const { release } of held) await release();
  const took: Record<string, number> = {};
  await Promise.all(
    held.map(async ({ phase, run, approved }) => {
      if (!approved) {
        await run.atGate();
        await run.signal('approve', ...json({ by: 'alice' }));
      }
      expect(await completed(run)).toMatchObject({
        outcome: 'handed-off',
        findings: [{ code: 'NO_SUBSCRIPTION' }].slice(approved ? 1 : 0),
      });
      took[phase] = Math.round(performance.now() - killedAt);
    }),
  );
  console.info('milliseconds from the kill to the end', took);

  for (const { pair, run } of held) {
    await expectAhead(pair);
    await expectOneOutcomeEach(run, SEQUENCES);
    expect(await recorded(pair, run)).toMatchObject({
      state: 'completed',
      outcome: 'handed-off',
      rows: { 1: SEQUENCES },
    });
  }
  for (const witness of witnesses) expect(await witness.testify()).toMatchObject({ lowered: [] });
});

it('starts what was asked for while no worker ran, and stops what was cancelled meanwhile', async () => {
  const pair = await usedPair(stage);
  const waiting = await stage.start({ pair: pair.name, buffer });
  await waiting.atGate();
  await stage.killWorkers();
  await waiting.cancel();
  const other = await usedPair(stage);
  const sync = await stage.start({ pair: other.name, mode: 'sync', buffer });
  await stage.startWorker();
  await until(async () => (await stage.handle(waiting).describe()).status.name === 'CANCELLED', {
    what: 'the cancellation',
  });
  expect(await recorded(pair, waiting)).toMatchObject({ state: 'cancelled' });
  await completed(sync);
  await expectAhead(other);
});
