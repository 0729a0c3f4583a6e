import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../src/local/until.js';
import { json } from '../stage/payloads.js';
import { completed, type WorkflowRun } from '../stage/workflow-run.js';
import { FaultStage, RUNNER, type FaultyPair } from './fault-stage.js';
import { SEQUENCES, usedPair } from './held-phases.js';
import { hold, holdAdvisoryLocks } from './hold.js';
import {
  buffer,
  expectAhead,
  expectOneOutcomeEach,
  headroom,
  recorded,
  sequences,
  used,
} from './invariants.js';
import { query } from './query.js';
import { seededRandom } from './seeded-random.js';
import { Witness } from './witness.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
afterAll(async () => {
  await stage.stop();
});

async function pairOf(count: number): Promise<FaultyPair> {
  const pair = await stage.pair(sequences(count));
  await pair.databases.primary.sql(used(count));
  return pair;
}

/** What has to be true of a run that completed, however rough its way was. */
async function expectSafe(
  pair: FaultyPair,
  run: WorkflowRun,
  count: number,
  witness: Witness,
): Promise<void> {
  expect(await completed(run)).toMatchObject({
    counts: { total: count, applied: count, failed: 0 },
    findings: [{ code: 'NO_SUBSCRIPTION' }],
  });
  await expectAhead(pair);
  await expectOneOutcomeEach(run, count);
  expect(await recorded(pair, run)).toMatchObject({ state: 'completed', rows: { 1: count } });
  expect(await witness.testify()).toMatchObject({ lowered: [] });
}

it.each([
  { how: 'restarted', fault: () => stage.servers.standby.restart() },
  {
    how: 'killed and started again',
    fault: async () => {
      await stage.servers.standby.kill();
      await stage.servers.standby.start();
    },
  },
])('goes on when the standby is $how in the middle of applying', async ({ how, fault }) => {
  const count = 40;
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  // It ends with the server.
  await hold(pair.standbyUrl, 'ALTER SEQUENCE s_0002 CACHE 1');
  const run = await stage.start({ pair: pair.name, mode: 'sync', buffer });
  const others = async () =>
    Object.values(await headroom(pair)).filter((calls) => calls >= 500n).length === count - 1;
  await until(others, { what: 'the others to be set' });
  const began = performance.now();
  await fault();
  await expectSafe(pair, run, count, witness);
  console.info(`the standby was ${how}: ended after`, Math.round(performance.now() - began), 'ms');
});

it('waits for a primary that cannot be reached, and goes on when it is back', async () => {
  const count = 20;
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  await pair.toPrimary.refuse();
  const run = await stage.start({ pair: pair.name, mode: 'sync', buffer });
  await until(async () => (await stage.attempts(run, 'checkReadiness')) >= 4, {
    what: 'a fourth try',
  });
  await pair.toPrimary.accept();
  const began = performance.now();
  await expectSafe(pair, run, count, witness);
  console.info('the primary came back: ended after', Math.round(performance.now() - began), 'ms');
});

it('goes on through connections that are cut again and again', async () => {
  const count = 60;
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  const random = seededRandom(11);
  const run = await stage.start({ pair: pair.name, mode: 'sync', buffer });
  const began = performance.now();
  let cuts = 0;
  while (
    performance.now() - began < 6_000 &&
    (await stage.handle(run).describe()).status.name === 'RUNNING'
  ) {
    (random() < 0.7 ? pair.toStandby : pair.toPrimary).cut();
    cuts += 1;
    await delay(30 + 200 * random());
  }
  await expectSafe(pair, run, count, witness);
  console.info(
    'connections cut',
    cuts,
    'times: ended after',
    Math.round(performance.now() - began),
    'ms, having made',
    pair.toStandby.made,
  );
});

it('goes on where connections break off in the middle of an answer', async () => {
  const count = 60;
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  // An answer about 60 sequences is longer than that; a login is not.
  pair.toStandby.cutAfter(4_000);
  const run = await stage.start({ pair: pair.name, mode: 'sync', buffer });
  await until(() => pair.toStandby.made > 5, { what: 'some attempts' });
  await pair.toStandby.heal();
  await expectSafe(pair, run, count, witness);
});

it('is slow on a slow network, and nothing else', async () => {
  const count = 10;
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  pair.toPrimary.slowDown(25);
  pair.toStandby.slowDown(25);
  const began = performance.now();
  const run = await stage.start({ pair: pair.name, mode: 'sync', buffer });
  await expectSafe(pair, run, count, witness);
  console.info('50 ms a round trip: ended after', Math.round(performance.now() - began), 'ms');
});

it('replaces connections that went dead while it waited at the gate', async () => {
  const count = 10;
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  pair.toPrimary.strand();
  pair.toStandby.strand();
  const began = performance.now();
  await run.signal('approve', ...json({ by: 'alice' }));
  await expectSafe(pair, run, count, witness);
  console.info('half-open while idle: ended after', Math.round(performance.now() - began), 'ms');
});

it('waits while the role has no connection left', async () => {
  const count = 10;
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  const limitTo = (connections: number) =>
    query(stage.servers.standby.url(), `ALTER ROLE ${RUNNER} CONNECTION LIMIT ${connections}`);
  await limitTo(1);
  onTestFinished(() => limitTo(-1).then(() => undefined));
  const occupied = await hold(stage.servers.standby.url(pair.name, RUNNER, RUNNER));
  const run = await stage.start({ pair: stage.asRunner(pair), mode: 'sync', buffer });
  const tried = async () => (await stage.attempts(run, 'checkReadiness')) >= 3;
  await until(tried, { what: 'a third try' });
  const began = performance.now();
  await occupied.commit();
  await limitTo(4);
  await expectSafe(pair, run, count, witness);
  console.info('too many connections: ended after', Math.round(performance.now() - began), 'ms');
});

it.each([
  { mode: 'one by one', count: 12 },
  { mode: 'in a batch', count: 130 },
])('sets the others while a sequence is being altered, and that one afterwards: $mode', async ({ count }) => {
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  const [behind, ahead] = await Promise.all([
    hold(pair.standbyUrl, 'ALTER SEQUENCE s_0002 RESTART WITH 150'),
    // Once this is committed, its target lies behind it.
    hold(pair.standbyUrl, 'ALTER SEQUENCE s_0004 RESTART WITH 777777'),
  ]);
  const run = await stage.start({ pair: pair.name, mode: 'sync', buffer });
  const others = async () =>
    Object.values(await headroom(pair)).filter((calls) => calls >= 500n).length === count - 2;
  await until(others, { what: 'the others to be set' });
  await until(async () => (await stage.attempts(run, 'applyTargets')) >= 2, {
    what: 'a try alone',
  });
  const began = performance.now();
  await Promise.all([behind.commit(), ahead.commit()]);
  await expectSafe(pair, run, count, witness);
  console.info('altered: ended after', Math.round(performance.now() - began), 'ms');
  expect(
    await query(pair.standbyUrl, 'SELECT last_value::text AS last, is_called AS called FROM s_0002'),
  ).toEqual([{ last: '1200', called: true }]);
  expect(
    await query(pair.standbyUrl, 'SELECT last_value::text AS last, is_called AS called FROM s_0004'),
  ).toEqual([{ last: '777777', called: false }]);
});

it('reports a sequence that stays locked, when every other is set', async () => {
  const count = 6;
  const pair = await pairOf(count);
  const witness = new Witness(pair.standbyUrl);
  const alter = await hold(pair.standbyUrl, 'ALTER SEQUENCE s_0002 CACHE 1');
  const began = performance.now();
  const run = await stage.start({ pair: pair.name, buffer });
  const { gate, counts } = await run.until(
    'the gate is blocked',
    (status) => status.gate?.state === 'blocked',
  );
  console.info('locked for good: reported after', Math.round(performance.now() - began), 'ms');
  expect(counts).toMatchObject({ applied: count - 1, failed: 1 });
  expect(new Set(gate?.blockedBy.map(({ sequence }) => sequence))).toEqual(new Set(['public.s_0002']));
  await alter.commit();
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  await run.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', round: 2 });
  await expectAhead(pair);
  expect(await witness.testify()).toMatchObject({ lowered: [] });
});

// The slowest of all faults: only the statement's own timeout tells a dead connection from a slow server.
it('goes on when connections die without a word in the middle of a statement', async () => {
  const [reading, setting] = await Promise.all([usedPair(stage), usedPair(stage)]);
  const witness = new Witness(setting.standbyUrl);
  const catalog = await hold(reading.primaryUrl, 'LOCK TABLE pg_sequence IN ACCESS EXCLUSIVE MODE');
  const turn = await holdAdvisoryLocks(setting.standbyUrl);
  const runs = await Promise.all(
    [reading, setting].map(({ name }) => stage.start({ pair: name, mode: 'sync', buffer })),
  );
  const [reader, setter] = runs;
  if (reader === undefined || setter === undefined) throw new Error('two were started');
  await until(async () => (await stage.running(reader)).includes('fetchPrimarySequences'), {
    what: 'a read in flight',
  });
  reading.toPrimary.strand();
  await catalog.commit();
  await until(async () => (await stage.running(setter)).includes('applyTargets'), {
    what: 'setvals in flight',
  });
  setting.toStandby.strand();
  await turn.commit();

  const began = performance.now();
  const took = await Promise.all(
    runs.map(async (run) => {
      await completed(run);
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
});
