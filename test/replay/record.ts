/*
 * Records the histories of recordings.ts into histories/unreleased, from runs on real servers: `npm run record-histories`. With `-t` only
 * some. Needed for every new ending, and before a release, whose histories then move to a folder of their own. The histories of
 * releases are never recorded anew: all of them have to replay.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FleetStatus } from '../../src/contract/fleet-status.js';
import type { PromotionStatus, PromotionStepName } from '../../src/contract/promotion.js';
import { until } from '../../src/local/until.js';
import { LiveWriter } from '../e2e/promotion/live-writer.js';
import { startPromotionWorker, type PromotionWorker } from '../e2e/promotion/promotion-worker.js';
import { encoded, json } from '../e2e/stage/payloads.js';
import { Receiver } from '../e2e/stage/receiver.js';
import { Stage } from '../e2e/stage/stage.js';
import { WorkflowRun, type History } from '../e2e/stage/workflow-run.js';
import { type Recording, type RecordingName, recordings, unreleased } from './recordings.js';
import { writeMeanings } from './write-meanings.js';

let stage: Stage;
let promotions: PromotionWorker;
beforeAll(async () => {
  mkdirSync(unreleased, { recursive: true });
  stage = await Stage.start();
  promotions = await startPromotionWorker(stage.cli.address, 'promotion');
});
afterAll(async () => {
  await promotions.stop();
  await stage.stop();
  writeMeanings('unreleased');
});

/** A history of a page with all its sequences would be larger than what a repository should hold. */
const MOST_BYTES = 500_000;

/** Removes what identifies the machine of the recording. It would also differ in each recording. */
function anonymous(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (key === 'identity') return 'recorder';
  if (key === 'stackTrace') return '';
  // A sticky task queue is named for its process and host.
  return key === 'name' && /^\d+@.*-[0-9a-f]{32}$/.test(value) ? 'sticky' : value;
}

function save(name: RecordingName, history: History): void {
  const recording: Recording = recordings[name];
  const closing = history.events.at(-1);
  expect(closing?.eventType, name).toBe(`EVENT_TYPE_WORKFLOW_EXECUTION_${recording.closed}`);
  const text = JSON.stringify(history, anonymous, 1);
  expect(text.length, name).toBeLessThan(MOST_BYTES);
  writeFileSync(path.join(unreleased, `${name}.json`), `${text}\n`);
}

/** Waits for the end of the run, and saves its history. */
async function record(name: RecordingName, run: WorkflowRun): Promise<void> {
  await run.ending();
  save(name, await run.history());
}

const onePair = () => stage.pair('CREATE SEQUENCE invoices; CREATE SEQUENCE orders INCREMENT -1');
const approve = (run: WorkflowRun, ...accept: string[]) =>
  run.signal('approve', ...json({ by: 'alice', accept }));

it('plan, verify and sync', async () => {
  const pair = await onePair();
  await record('planned', await stage.start({ pair: pair.name, mode: 'plan' }));
  await record('not-ahead', await stage.start({ pair: pair.name, mode: 'verify' }));
  await record('synchronized', await stage.start({ pair: pair.name, mode: 'sync' }));
  await record('verified', await stage.start({ pair: pair.name, mode: 'verify' }));
});

it('an approval, after messages that could not stand', async () => {
  const pair = await onePair();
  const run = await stage.signalWithStart({ pair: pair.name }, 'approve', { by: 'eager' });
  await run.atGate();
  await run.signal('promote');
  await run.signal('approve', ...encoded('binary/encrypted', 'x'));
  await run.decide(...json({ decision: 'approve', by: 'alice', accept: ['public.nothing'] }));
  await run.decide(...json({ decision: 'approve', by: 'alice' }));
  await record('handed-off', run);
  save('lock-released', await new WorkflowRun(stage.cli, `sequence-failover/lock/${pair.name}`).history());
});

// A promotion that runs already is a block at the gate now, so only release 0.1.0 has the recording `handoff-failed`.
it('a handoff to a promotion', async () => {
  const pair = await onePair();
  const handoff = { workflowType: 'promoteStandby', taskQueue: 'promotion', workflowId: 'promote' };
  const run = await stage.start({ pair: pair.name, handoff });
  await run.atGate();
  await approve(run);
  await record('handed-off-to-promotion', run);
  await new WorkflowRun(stage.cli, 'promote').terminate();
});

it('a top-up while waiting, and another after the approval', async () => {
  const pair = await onePair();
  const run = await stage.start({ pair: pair.name, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  await pair.primary.sql("SELECT setval('invoices', 7000)");
  await run.until(
    'the top-up',
    ({ round, minimumHeadroom }) => round === 2 && minimumHeadroom?.calls === '10000',
  );
  await pair.primary.sql("SELECT setval('orders', -7000)");
  await approve(run);
  await record('handed-off-after-top-up', run);
});

it('the digests of records, one of them after a continue-as-new', async () => {
  const pair = await onePair();
  const run = await stage.start(
    { pair: pair.name, approval: { recheckEvery: '1 second' } },
    { flags: ['--memo', 'continueAsNewAfterEvents=60'] },
  );
  await run.atGate();
  await until(async () => (await run.runs()).length > 1, { what: 'a continue-as-new' });
  await pair.primary.sql("SELECT setval('invoices', 7000)");
  await run.until('the top-up', ({ round }) => round === 2);
  await approve(run);
  await record('handed-off-with-digests', run);
});

it('a block that is fixed, and an approval that did not stand', async () => {
  const pair = await onePair();
  await pair.primary.sql('CREATE SEQUENCE late');
  const run = await stage.start({ pair: pair.name });
  await run.atGate();
  await pair.standby.sql('CREATE SEQUENCE late');
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  await run.until('the gate is open', ({ gate }) => gate?.state === 'open');
  await pair.primary.sql('CREATE SEQUENCE later');
  await approve(run);
  await run.until('the gate is blocked again', ({ gate }) => gate?.state === 'blocked');
  await approve(run, 'public.later');
  await record('handed-off-after-resynchronization', run);
});

it('input that is invalid', async () => {
  await record('invalid-input', await stage.start({ mode: 'dry-run' }));
  await record('invalid-input-undecodable', await stage.send(encoded('binary/encrypted', 'x')));
  await record('unknown-pair', await stage.start({ pair: 'nowhere' }));
});

it('what is not ready, and a pair that is taken', async () => {
  await record('not-ready', await stage.start({ pair: 'wrong-password', mode: 'sync' }));
  const pair = await onePair();
  const holder = await stage.start({ pair: pair.name });
  await holder.atGate();
  await record('not-ready-locked', await stage.start({ pair: pair.name }));
});

it('a rejection, a timeout and a cancellation', async () => {
  const pair = await onePair();
  const rejected = await stage.start({ pair: pair.name });
  await rejected.atGate();
  await rejected.signal('reject', ...json({ by: 'bob', reason: 'called off' }));
  await record('rejected', rejected);
  await record(
    'approval-timed-out',
    await stage.start({ pair: pair.name, approval: { timeout: '1 second' } }),
  );
  const cancelled = await stage.start({ pair: pair.name });
  await cancelled.atGate();
  await cancelled.cancel();
  await record('cancelled', cancelled);
});

it('a run that continues as new', async () => {
  const pair = await onePair();
  const run = await stage.start(
    { pair: pair.name, approval: { recheckEvery: '1 second' } },
    { flags: ['--memo', 'continueAsNewAfterEvents=70'] },
  );
  await run.atGate();
  await run.until('the next run', async () => (await run.runs()).length === 2);
  const [first] = await run.runs();
  save('continued-as-new', await run.history(first));
  await approve(run);
  await record('handed-off-after-continue-as-new', run);
});

it('pages as children', async () => {
  // A full page, and a small one.
  const pair = await stage.pair(
    "DO $$ BEGIN FOR i IN 1..2001 LOOP EXECUTE format('CREATE SEQUENCE s_%s', lpad(i::text, 4, '0')); END LOOP; END $$",
  );
  const run = await stage.start({ pair: pair.name, mode: 'sync' });
  await record('pages-as-children', run);
  const { pages } = await run.sequences();
  await record('page', new WorkflowRun(stage.cli, pages.at(-1)?.workflowId ?? ''));
});

it('a primary that is lost', async () => {
  const pair = await onePair();
  const run = await stage.start({ pair: pair.name, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  await stage.losePrimary();
  await run.until('the loss is noticed', ({ gate }) => gate?.state === 'blocked');
  await approve(run, 'PRIMARY_UNREACHABLE');
  await record('handed-off-without-primary', run);
});

it('sequences that change while it waits', async () => {
  const pair = await stage.pair('CREATE SEQUENCE dropped; CREATE SEQUENCE renamed; CREATE SEQUENCE stays');
  const run = await stage.start({ pair: pair.name, approval: { recheckEvery: '1 second' } });
  await run.atGate();
  for (const side of [pair.primary, pair.standby])
    await side.sql('DROP SEQUENCE dropped; ALTER SEQUENCE renamed RENAME TO other');
  await run.until('the changes are recorded', ({ round }) => round === 2);
  await approve(run);
  await record('handed-off-after-changes', run);
});

it('a veto before the handoff', async () => {
  const pair = await onePair();
  const beforeHandoff = { workflowType: 'vetoSwitch', taskQueue: 'promotion' };
  const run = await stage.start({ pair: pair.name, hooks: { beforeHandoff } });
  await run.atGate();
  await approve(run);
  await record('vetoed', run);
});

it('approvers, and an approval that waits for its time', async () => {
  const pair = await onePair();
  const notBefore = new Date(Date.now() + 8_000).toISOString();
  const approval = { notBefore, required: 2, from: ['alice', 'bob', 'carol'], recheckEvery: '2 seconds' };
  const run = await stage.start({
    pair: pair.name,
    requestedBy: 'carol',
    bufferReason: 'the peak',
    approval,
  });
  await run.atGate();
  for (const by of ['mallory', 'carol', 'alice', 'bob', 'alice'])
    await run.signal('approve', ...json({ by }));
  await record('handed-off-at-not-before', run);
});

it('a measured buffer', async () => {
  const buffer = {
    measure: { sampleFor: '1 second' },
    ...{ maxFailoverSeconds: 60, safetyFactor: 1.5, minimum: '1000' },
  };
  const pair = await onePair();
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  await approve(run);
  await record('measured', run);
  const large = await stage.pair(
    "DO $$ BEGIN FOR i IN 1..2001 LOOP EXECUTE format('CREATE SEQUENCE s_%s', lpad(i::text, 4, '0')); END LOOP; END $$",
  );
  const pages = await stage.start({ pair: large.name, mode: 'sync', buffer });
  await record('measured-pages', pages);
  await record('measured-page', new WorkflowRun(stage.cli, `${pages.workflowId}/round-1/page-2`));
});

/** Until the test ends, the worker has a NOTIFY_URL. */
async function startReceiver(): Promise<Receiver> {
  const secret = Buffer.alloc(32, 1).toString('base64');
  const receiver = await Receiver.start('/', secret);
  onTestFinished(async () => {
    await stage.restartWorker();
    await receiver.stop();
  });
  await stage.restartWorker({ NOTIFY_URL: receiver.url, NOTIFY_SECRET: secret });
  return receiver;
}

it('notifications', async () => {
  const receiver = await startReceiver();
  const pair = await onePair();
  const run = await stage.start({
    pair: pair.name,
    approval: { timeout: '40 seconds', recheckEvery: '1 second' },
  });
  await receiver.of(run.workflowId, 'gate-opened');
  await pair.primary.sql("SELECT setval('invoices', 7000)");
  await receiver.of(run.workflowId, 'topped-up');
  await receiver.of(run.workflowId, 'timing-out');
  await approve(run);
  await record('notified', run);
  const [first] = await run.runs();
  await record('notification', new WorkflowRun(stage.cli, `${run.workflowId}/notification/${first ?? ''}`));
});

it('fleets and promotions that notify', async () => {
  const receiver = await startReceiver();
  const pairs = await Promise.all([onePair(), onePair()]);
  const names = pairs.map(({ name }) => name);
  const fleet = await stage.send(json({ pairs: names }), { type: 'fleetFailover' });
  await receiver.of(fleet.workflowId, 'gate-opened');
  await approve(fleet);
  await record('fleet-notified', fleet);

  await Promise.all(pairs.map((pair) => pair.subscribe()));
  const promotions = await stage.send(json({ pairs: names, failback: false, rehearse: true }), {
    type: 'promoteFleet',
  });
  await record('fleet-promotion-notified', promotions);
  await record(
    'promotion-in-fleet-that-notifies',
    new WorkflowRun(stage.cli, `${promotions.workflowId}/${names[0] ?? ''}`),
  );
  const promotion = await stage.send(json({ pair: names[0], failback: false }), { type: 'promoteStandby' });
  await record('promotion-notified', promotion);
});

it('fleets', async () => {
  const fleetOf = async (input: object) => stage.send(json(input), { type: 'fleetFailover' });
  const waits = (fleet: WorkflowRun, states: string[]) =>
    until(async () => states.includes((await fleet.query<FleetStatus>('status')).gate?.state ?? ''), {
      what: `${fleet.workflowId} to wait`,
    });
  const pairs = await Promise.all([onePair(), onePair()]);
  const names = pairs.map(({ name }) => name);

  const completed = await fleetOf({ pairs: names });
  await waits(completed, ['open']);
  await approve(completed);
  await record('fleet-completed', completed);

  const incomplete = await fleetOf({ pairs: [...names, 'nobody'] });
  await waits(incomplete, ['open']);
  await approve(incomplete);
  await record('fleet-incomplete', incomplete);

  const cancelled = await fleetOf({ pairs: names });
  await waits(cancelled, ['open']);
  await cancelled.cancel();
  await record('fleet-cancelled', cancelled);

  // The second pair has not begun when it is rejected: the first holds the only lane.
  const held = await stage.start({ pair: names[0] });
  await held.atGate();
  const rejected = await fleetOf({ pairs: names, concurrency: 1 });
  await rejected.signal('reject', ...json({ by: 'bob', reason: 'called off', pairs: names }));
  await record('fleet-rejected-before-the-start', rejected);
  await held.terminate();

  await record('fleet-invalid-input', await fleetOf({ pairs: [] }));
});

it('promotions, and what keeps them from it', async () => {
  const pair = await stage.pair(
    'CREATE TABLE orders (id bigserial PRIMARY KEY); CREATE SEQUENCE backwards INCREMENT -1',
  );
  const promote = (input: object) => stage.send(json(input), { type: 'promoteStandby' });
  const of = (workflowType: string) => ({
    workflowType,
    taskQueue: 'promotion',
    workflowId: `${workflowType}-last`,
  });
  await record('promotion-invalid-input', await promote({ pair: pair.name, fence: { kind: 'none' } }));
  await record('promotion-not-ready', await promote({ pair: pair.name }));
  await pair.subscribe();
  await record('promotion-rehearsed', await promote({ pair: pair.name, rehearse: true, ticket: 'CHG-1' }));
  await record('promotion-vetoed', await promote({ pair: pair.name, beforeSwitch: of('vetoSwitch') }));
  const rejected = await promote({
    ...{
      pair: pair.name,
      beforeSwitch: of('holdSwitch'),
      failback: false,
      fence: { kind: 'no-connections' },
    },
  });
  await until(
    async () =>
      (await rejected.query<PromotionStatus>('status')).steps.some(
        ({ step, state }) => step === 'beforeSwitch' && state === 'running',
      ),
    { what: 'the promotion to ask for the last word' },
  );
  await rejected.signal('reject', ...json({ by: 'bob', reason: 'called off' }));
  await record('promotion-rejected', rejected);
  await record('promoted', await promote({ pair: pair.name, requestedBy: 'alice', ticket: 'CHG-1' }));
  await record('promoted-back', await promote({ pair: `reversed:${pair.name}` }));
});

it('a promotion, and its rehearsal, while the primary uses up the buffer faster than it can be set', async () => {
  // No column has its values: rows on the standby would raise the targets, and histories do not keep these rows.
  const pair = await stage.pair(
    `CREATE SEQUENCE calls; CREATE TABLE orders (label text PRIMARY KEY);
     CREATE FUNCTION call() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''calls''); RETURN NEW; END';
     CREATE TRIGGER call BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION call()`,
  );
  await pair.subscribe();
  const writer = new LiveWriter(pair.primaryUrl, 'writer');
  onTestFinished(() => writer.stop());
  await until(() => writer.confirmed.length > 100, { what: 'the writer to write' });
  const promote = (input: object) =>
    stage.send(json({ pair: pair.name, buffer: { calls: '20' }, failback: false, ...input }), {
      type: 'promoteStandby',
    });
  await record('promotion-rehearsed-under-load', await promote({ rehearse: true }));
  await record('promoted-under-load', await promote({}));
});

it('fleets of promotions', async () => {
  const pairs = await Promise.all(
    [0, 1].map(() => stage.pair('CREATE TABLE orders (id bigserial PRIMARY KEY)')),
  );
  await Promise.all(pairs.map((pair) => pair.subscribe()));
  const [first = '', second = ''] = pairs.map(({ name }) => name);
  const childOf = ({ workflowId }: WorkflowRun, pair: string) =>
    new WorkflowRun(stage.cli, `${workflowId}/${pair}`);

  const beforeSwitch = { workflowType: 'vetoSwitch', taskQueue: 'promotion' };
  const vetoed = await stage.send(json({ pairs: [{ pair: first, input: { beforeSwitch } }, second] }), {
    type: 'promoteFleet',
  });
  await record('fleet-promotion-vetoed', vetoed);
  await record('promotion-stopped-by-fleet', childOf(vetoed, second));

  const handoff = { workflowType: 'promoteFleet', taskQueue: 'sequence-failover' };
  const fleet = await stage.send(json({ pairs: [first, second], handoff, ticket: 'CHG-1' }), {
    type: 'fleetFailover',
  });
  await until(async () => (await fleet.query<FleetStatus>('status')).gate?.state === 'open', {
    what: `${fleet.workflowId} to wait`,
  });
  await approve(fleet);
  await record('fleet-handed-off-to-promotion', fleet);
  const promoted = new WorkflowRun(stage.cli, `promote-${fleet.workflowId}`);
  await record('fleet-promoted', promoted);
  await record('promoted-in-fleet', childOf(promoted, first));
});

it('contradicting decisions on a fleet, which it reads together', async () => {
  const pairs = await Promise.all([onePair(), onePair()]);
  const fleet = await stage.send(json({ pairs: pairs.map(({ name }) => name) }), { type: 'fleetFailover' });
  await until(async () => (await fleet.query<FleetStatus>('status')).gate?.state === 'open', {
    what: `${fleet.workflowId} to wait`,
  });
  await stage.killWorker();
  await fleet.signal('reject', ...json({ by: 'bob', reason: 'called off', pairs: [pairs[0].name] }));
  await fleet.signal('approve', ...json({ by: 'alice', partial: true }));
  await stage.restartWorker();
  await record('fleet-contradicting-decisions', fleet);
});

describe('promotions of which a server is lost for good', () => {
  const promote = async (input: object) => {
    const pair = await stage.pair('CREATE TABLE orders (id bigserial PRIMARY KEY)');
    await pair.subscribe();
    return {
      pair,
      start: () => stage.send(json({ pair: pair.name, ...input }), { type: 'promoteStandby' }),
    };
  };
  const untilRunning = (run: WorkflowRun, name: PromotionStepName) =>
    until(
      async () =>
        (await run.query<PromotionStatus>('status')).steps.some(
          ({ step, state }) => step === name && state === 'running',
        ),
      { what: `the step ${name}` },
    );
  const held = async (url: string, work: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`BEGIN; ${work}`);
    return client;
  };
  const withHolder = async (
    name: RecordingName,
    { work, step }: { work: string; step: PromotionStepName },
  ) => {
    const { pair, start } = await promote({ ticket: 'CHG-1' });
    const holder = await held(pair.standbyUrl, work);
    await pair.primary.sql('INSERT INTO orders DEFAULT VALUES');
    const run = await start();
    await untilRunning(run, step);
    const back = await stage.losePrimary();
    await record(name, run);
    await holder.end();
    await back();
  };

  it('the primary, while the standby catches up', () =>
    withHolder('promotion-primary-lost', {
      ...{ work: 'LOCK TABLE orders IN EXCLUSIVE MODE', step: 'synchronize' },
    }));

  it('the primary, while the slot of the way back waits', () =>
    withHolder('promotion-primary-lost-in-way-back', { work: 'SELECT txid_current()', step: 'wayBack' }));

  it('the standby, behind the fence', async () => {
    const beforeSwitch = { workflowType: 'holdSwitch', taskQueue: 'promotion', workflowId: 'last-word' };
    const { start } = await promote({ beforeSwitch });
    const run = await start();
    await untilRunning(run, 'beforeSwitch');
    const back = await stage.loseStandby();
    await run.signal('reject', ...json({ by: 'alice', reason: 'the standby is down' }));
    await record('promotion-standby-lost', run);
    await back();
  });

  it('the new primary', async () => {
    const traffic = { workflowType: 'holdSwitch', taskQueue: 'promotion', workflowId: 'move-traffic' };
    const { start } = await promote({ failback: false, traffic });
    const run = await start();
    await untilRunning(run, 'traffic');
    const back = await stage.loseStandby();
    await new WorkflowRun(stage.cli, traffic.workflowId).signal('finish');
    await record('promotion-new-primary-lost', run);
    await back();
  });
});
