import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/local/until.js';
import { FaultStage } from './fault-stage.js';
import { SEQUENCES, usedPair } from './held-phases.js';
import { hold, holdTurns } from './hold.js';
import { buffer, expectAhead, expectOneOutcomeEach, recorded } from './invariants.js';
import { Witness } from './witness.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
afterAll(async () => {
  await stage.stop();
});

// The slowest of all faults: only the statement's own timeout tells a dead connection from a slow server.
it(
  'goes on when connections die without a word in the middle of a statement',
  { timeout: 240_000 },
  async () => {
    const [reading, setting] = await Promise.all([usedPair(stage), usedPair(stage)]);
    const witness = new Witness(setting.standbyUrl);
    const catalog = await hold(reading.primaryUrl, 'LOCK TABLE pg_sequence IN ACCESS EXCLUSIVE MODE');
    const turn = await holdTurns(setting.standbyUrl);
    const runs = await Promise.all(
      [reading, setting].map(({ name }) => stage.start({ pair: name, mode: 'sync', buffer })),
    );
    const [reader, setter] = runs;
    if (reader === undefined || setter === undefined) throw new Error('two were started');
    await until(async () => (await stage.running(reader)).includes('fetchPrimarySequences'), {
      timeout: 20_000,
      what: 'a read in flight',
    });
    reading.toPrimary.strand();
    await catalog.commit();
    await until(async () => (await stage.running(setter)).includes('applyTargets'), {
      timeout: 20_000,
      what: 'setvals in flight',
    });
    setting.toStandby.strand();
    await turn.commit();

    const began = performance.now();
    const took = await Promise.all(
      runs.map(async (run) => {
        await stage.handle(run).result();
        return Math.round(performance.now() - began);
      }),
    );
    console.info('milliseconds until both sides were reached again, reading and setting', took);
    for (const [pair, run] of [
      [reading, reader],
      [setting, setter],
    ] as const) {
      await expectAhead(pair);
      await expectOneOutcomeEach(run, SEQUENCES);
      expect(await recorded(pair, run)).toMatchObject({ state: 'completed', rows: { 1: SEQUENCES } });
    }
    expect(await witness.testify()).toMatchObject({ lowered: [] });
  },
);
