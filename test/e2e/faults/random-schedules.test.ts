import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/local/until.js';
import { completed, type WorkflowRun } from '../stage/workflow-run.js';
import { FaultStage, type FaultyPair } from './fault-stage.js';
import { hold } from './hold.js';
import { buffer, expectAhead, expectOneOutcomeEach, recorded, sequences, used } from './invariants.js';
import { query } from './query.js';
import { drawByWeight, seededRandom } from './seeded-random.js';
import { report } from './soak-report.js';
import { Witness } from './witness.js';

/** `npm run test:soak` has more of them, and others. */
const SCHEDULES = Number(process.env['FAULT_SCHEDULES'] ?? 3);
const SEED = Number(process.env['FAULT_SEED'] ?? 20_260_101);
const SEQUENCES = 15;
const FAULTS = 12;

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
// All schedules are replayed: hundreds of them in a soak.
afterAll(async () => {
  await stage.stop();
}, 600_000);

interface Scene {
  pair: FaultyPair;
  run: WorkflowRun;
  random: () => number;
}

const between = (random: () => number, least: number, most: number) => least + (most - least) * random();
const network = ({ pair, random }: Scene) => (random() < 0.6 ? pair.toStandby : pair.toPrimary);

/** By name, with how often each is drawn. */
const faults: Record<string, { weight: number; strike: (scene: Scene) => Promise<void> }> = {
  cut: {
    weight: 6,
    strike: (scene) => {
      network(scene).cut();
      return Promise.resolve();
    },
  },
  strand: {
    weight: 2,
    strike: (scene) => {
      network(scene).strand();
      return Promise.resolve();
    },
  },
  refuse: {
    weight: 3,
    strike: async (scene) => {
      const one = network(scene);
      await one.refuse();
      await delay(between(scene.random, 100, 1_500));
      await one.accept();
    },
  },
  hold: {
    weight: 2,
    strike: async (scene) => {
      const one = network(scene);
      one.hold();
      await delay(between(scene.random, 100, 2_000));
      one.release();
    },
  },
  'slow down': {
    weight: 2,
    strike: (scene) => {
      network(scene).slowDown(Math.round(between(scene.random, 0, 30)));
      return Promise.resolve();
    },
  },
  alter: {
    weight: 3,
    strike: async ({ pair, random }) => {
      const number = Math.ceil(random() * SEQUENCES);
      const lock = await hold(pair.standbyUrl, `ALTER SEQUENCE s_${String(number).padStart(4, '0')} CACHE 1`);
      await delay(between(random, 100, 1_000));
      await lock.commit().catch(() => undefined);
    },
  },
  'restart the standby': { weight: 1, strike: () => stage.servers.standby.restart() },
  'kill the standby': {
    weight: 1,
    strike: async () => {
      await stage.servers.standby.kill();
      await stage.servers.standby.start();
    },
  },
  'kill the worker': {
    weight: 1,
    strike: async () => {
      await stage.killWorkers();
      await stage.startWorker();
    },
  },
  'signal nonsense': {
    weight: 2,
    strike: async ({ run }) => {
      await stage
        .handle(run)
        .signal('approve', { by: '' })
        .catch(() => undefined);
    },
  },
  resynchronize: {
    weight: 2,
    strike: async ({ run }) => {
      await stage
        .handle(run)
        .signal('resynchronize', { by: 'bob' })
        .catch(() => undefined);
    },
  },
};

async function strikeAll(scene: Scene, count: number, meanwhile: () => Promise<void>): Promise<string[]> {
  const struck: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const name = drawByWeight(faults, scene.random);
    struck.push(name);
    await faults[name]?.strike(scene);
    await meanwhile();
    await delay(between(scene.random, 0, 400));
  }
  return struck;
}

/** The primary goes on being written to. */
async function write({ pair, random }: Scene): Promise<void> {
  const number = Math.ceil(random() * SEQUENCES);
  await query(
    pair.primaryUrl,
    `SELECT nextval('s_${String(number).padStart(4, '0')}') FROM generate_series(1, ${Math.ceil(random() * 400)})`,
  );
}

/** Approves what is open and has synchronized anew what is blocked, until the run has ended. */
async function seeThrough(run: WorkflowRun): Promise<void> {
  const look = async () => {
    const { status } = await stage.handle(run).describe();
    if (status.name !== 'RUNNING') return true;
    const { gate } = await run.status();
    if (gate?.state === 'open') await stage.handle(run).signal('approve', { by: 'alice' });
    if (gate?.state === 'blocked') await stage.handle(run).signal('resynchronize', { by: 'alice' });
    return false;
  };
  await until(() => look().catch(() => false), {
    timeout: 400_000,
    interval: 300,
    what: `${run.workflowId} to end`,
  });
}

it.each(Array.from({ length: SCHEDULES }, (_, index) => SEED + index))(
  'completes ahead, and lowers nothing, through the faults of the seed %i',
  async (seed) => {
    const pair = await stage.pair(sequences(SEQUENCES));
    await pair.databases.primary.sql(used(SEQUENCES));
    const witness = new Witness(pair.standbyUrl);
    const began = performance.now();
    const approval = { recheckEvery: '1 second' };
    const run = await stage.start({ pair: pair.name, buffer, approval }, { workflowId: `schedule-${seed}` });
    const scene: Scene = { pair, run, random: seededRandom(seed) };
    const struck = await strikeAll(scene, FAULTS, () => write(scene));
    // From here on the primary is fenced; the faults go on while it is approved.
    const end = seeThrough(run);
    struck.push(...(await strikeAll(scene, FAULTS / 2, () => Promise.resolve())));
    await Promise.all([pair.toPrimary.heal(), pair.toStandby.heal()]);
    await end;
    console.info(`seed ${seed}: ${Math.round(performance.now() - began)} ms;`, struck.join(', '));

    const result = await completed(run);
    expect(result).toMatchObject({ outcome: 'handed-off', counts: { total: SEQUENCES, failed: 0 } });
    await expectAhead(pair);
    await expectOneOutcomeEach(run, SEQUENCES);
    const line = await recorded(pair, run);
    expect(line).toMatchObject({ state: 'completed', outcome: 'handed-off' });
    const { looks, lowered } = await witness.testify();
    expect(lowered).toEqual([]);
    expect(looks).toBeGreaterThan(50);
    report({ seed, faults: struck, looks });
  },
  600_000,
);
