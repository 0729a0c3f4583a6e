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
  stage = await FaultStage.start({ pairs: 4 });
});
afterAll(async () => {
  await stage.stop();
});

/** The worker gives up what waits for a lock after some 30 seconds. So such a phase does not wait until others are reached. */
const PHASES = [
  ['checking', 'verifying', 'awaiting-approval', 'verifying after the approval'],
  ['synchronizing'],
  ['recording'],
];

it.each(PHASES.map((phases) => ({ phases })))(
  'continues in another worker when one is killed: $phases',
  async ({ phases }) => {
    const held = await Promise.all(
      phases.map(async (phase) => {
        const begin = heldPhases[phase];
        if (begin === undefined) throw new Error(`no phase ${phase}`);
        return { phase, ...(await begin(stage)) };
      }),
    );
    const witnesses = held.map(({ pair }) => new Witness(pair.databases.standbyUrl));

    await stage.killWorkers();
    const killedAt = performance.now();
    for (const { release } of held) await release();
    await stage.startWorker();
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
  },
);

it('knows every phase', () => {
  expect(PHASES.flat().sort()).toEqual(Object.keys(heldPhases).sort());
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
