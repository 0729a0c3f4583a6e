import { randomBytes } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { until } from '../../src/local/until.js';
import type { FleetStatus, PairsAnswer } from '../../src/contract/fleet-status.js';
import { decodePayloads } from './stage/decode-payloads.js';
import { json } from './stage/payloads.js';
import { Receiver } from './stage/receiver.js';
import { Stage } from './stage/stage.js';
import { completed, failed, WorkflowRun } from './stage/workflow-run.js';

const secret = randomBytes(32).toString('base64');
const path = '/services/T000/planted-secret-path';

let stage: Stage;
let receiver: Receiver;
beforeAll(async () => {
  [stage, receiver] = await Promise.all([Stage.start(), Receiver.start(path, secret)]);
  await stage.restartWorker({ NOTIFY_URL: receiver.url, NOTIFY_SECRET: `whsec_${secret}` });
});
beforeEach(() => {
  receiver.behaviour = 200;
});
afterAll(async () => {
  await stage.stop();
  await receiver.stop();
});

const eventsOf = (workflowId: string) => receiver.notificationsOf(workflowId).map(({ event }) => event);

/** The workflow that tells the end of a run. */
async function endOf(run: WorkflowRun): Promise<WorkflowRun> {
  const [first = ''] = await run.runs();
  return new WorkflowRun(stage.cli, `${run.workflowId}/notification/${first}`);
}

it('tells when the gate opens, tops up and is blocked, and how the run ends', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const approval = { recheckEvery: '1 second' };
  const run = await stage.start({ pair: pair.name, approval, ticket: 'CHG-1', requestedBy: 'alice' });
  const { workflowId } = run;
  const opened = await receiver.of(workflowId, 'gate-opened');
  const [firstRunId = ''] = await run.runs();
  const same = {
    workflowId,
    firstRunId,
    pair: pair.name,
    mode: 'failover',
    ticket: 'CHG-1',
    requestedBy: 'alice',
  };
  expect(opened).toEqual({
    ...{ event: 'gate-opened', id: `${firstRunId}-1`, at: expect.stringMatching(/Z$/) as string },
    text: expect.stringMatching(
      new RegExp(`^Failover of ${pair.name}, CHG-1: the gate is open until .*approve ${workflowId} --by`),
    ) as string,
    ...same,
    phase: 'awaiting-approval',
    gate: {
      ...{ state: 'open', approvals: 0, required: 1, blockedBy: [], blockedCount: 0 },
      deadline: (await run.status()).gate?.deadline,
    },
    counts: { total: 1, applied: 1, kept: 0, skipped: 0, failed: 0 },
    minimumHeadroom: { sequence: 'public.invoices', calls: '10000' },
    ending: null,
  });

  await pair.primary.sql("SELECT setval('invoices', 7000)");
  expect(await receiver.of(workflowId, 'topped-up')).toMatchObject({
    ...same,
    toppedUp: 1,
    gate: { state: 'open' },
  });
  await pair.primary.sql('CREATE SEQUENCE orders');
  const missing = { code: 'MISSING_ON_STANDBY', sequence: 'public.orders' };
  expect(await receiver.of(workflowId, 'gate-blocked')).toMatchObject({
    ...same,
    gate: { state: 'blocked', blockedBy: [missing], blockedCount: 1 },
  });
  await run.signal('reject', ...json({ by: 'alice', reason: 'stop' }));
  expect(await failed(run)).toMatchObject({ type: 'Rejected' });
  expect(await receiver.of(workflowId, 'ended')).toMatchObject({
    ...same,
    phase: 'done',
    ending: { state: 'failed', message: expect.stringMatching(/^Rejected: /) as string },
  });
  expect(eventsOf(workflowId).sort()).toEqual(['ended', 'gate-blocked', 'gate-opened', 'topped-up']);
});

it('tells that the gate is about to time out, and that it has', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  // It warns when a quarter is left. A worker that stands still for all of that tells only the end.
  const run = await stage.start({ pair: pair.name, approval: { timeout: '24 seconds' } });
  const { workflowId } = run;
  expect(await receiver.of(workflowId, 'timing-out')).toMatchObject({ pair: pair.name, ending: null });
  expect(await failed(run)).toMatchObject({ type: 'ApprovalTimedOut' });
  expect(await receiver.of(workflowId, 'ended')).toMatchObject({
    ending: { state: 'failed', message: expect.stringMatching(/^ApprovalTimedOut: /) as string },
  });
  expect(eventsOf(workflowId).sort()).toEqual(['ended', 'gate-opened', 'timing-out']);
});

it.each(['hang', 503, 404] as const)(
  'a receiver that answers %s neither stops nor delays a run, and no history or log has its address',
  async (behaviour) => {
    receiver.behaviour = behaviour;
    const pair = await stage.pair('CREATE SEQUENCE invoices');
    const run = await stage.start({ pair: pair.name });
    await run.atGate();
    await run.signal('approve', ...json({ by: 'alice' }));
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    await until(() => receiver.attempts(run.workflowId).length > 0, { what: 'an attempt' });
    const answers = receiver.attempts(run.workflowId).map(({ answered }) => answered);
    expect(new Set(answers)).toEqual(new Set([behaviour]));

    const end = await endOf(run);
    if (behaviour === 404) {
      // Final: nobody asks again.
      await expect(end.ending()).rejects.toThrow(WorkflowFailedError);
    } else {
      receiver.behaviour = 200;
      const ended = await receiver.of(run.workflowId, 'ended');
      expect(ended.ending).toMatchObject({ state: 'completed', message: 'handed-off' });
      await end.ending();
    }
    for (const each of [run, end]) {
      const history = decodePayloads(await each.history());
      expect(history).toContain('"notify"');
      expect(history).not.toContain('planted-secret-path');
      expect(history).not.toContain(secret);
    }
    expect(stage.workerLog()).not.toContain('planted-secret-path');
    expect(stage.workerLog()).not.toContain(secret);
  },
);

it('notifies of the other modes only when they fail, also before anything was read', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const good = await stage.start({ pair: pair.name, mode: 'sync' });
  await completed(good);
  const bad = await stage.start({ pair: 'wrong-password', mode: 'verify' });
  expect(await failed(bad)).toMatchObject({ type: 'NotReady' });
  expect(await receiver.of(bad.workflowId, 'ended')).toMatchObject({
    ...{ pair: 'wrong-password', mode: 'verify', gate: null },
    text: expect.stringMatching(/^Run \(verify\) of wrong-password: failed: NotReady: /) as string,
  });
  expect(receiver.attempts(good.workflowId)).toEqual([]);
});

it('a fleet tells when its gate opens and is blocked, and how it ends, and its runs tell nothing', async () => {
  const pairs = await Promise.all([
    stage.pair('CREATE SEQUENCE invoices'),
    stage.pair('CREATE SEQUENCE invoices'),
  ]);
  const [one, other] = pairs.map(({ name }) => name);
  const fleet = new WorkflowRun(stage.cli, 'fleet-that-notifies');
  onTestFinished(() => fleet.terminate());
  const approval = { recheckEvery: '1 second' };
  await stage.cli.json(
    ...['workflow', 'start', '--type', 'fleetFailover', '--task-queue', 'sequence-failover'],
    ...['--workflow-id', fleet.workflowId, ...json({ pairs: [one, other], approval, ticket: 'CHG-2' })],
  );
  const opened = await receiver.of(fleet.workflowId, 'gate-opened');
  expect(opened).toMatchObject({
    ...{ pair: null, mode: 'failover', ticket: 'CHG-2', phase: 'awaiting-approval' },
    gate: { state: 'open', blockedBy: [], blockedCount: 0 },
    pairs: { total: 2, waiting: 2 },
    minimumHeadroom: { sequence: 'public.invoices', calls: '10000' },
    text: expect.stringMatching(
      /^Failover of the fleet fleet-that-notifies, CHG-2: 2 of 2 pairs wait for an approval; the least headroom is 10000 calls .*approve fleet-that-notifies --by/,
    ) as string,
  });
  await pairs[0].primary.sql('CREATE SEQUENCE orders');
  const missing = { pair: one, code: 'MISSING_ON_STANDBY', sequence: 'public.orders' };
  expect(await receiver.of(fleet.workflowId, 'gate-blocked')).toMatchObject({
    gate: { state: 'blocked', blockedBy: [missing], blockedCount: 1 },
    text: expect.stringContaining(`blocked: ${one} by MISSING_ON_STANDBY on public.orders.`) as string,
  });
  // An approval that is refused changes nothing at the gate, so nothing is told again.
  await fleet.signal('approve', ...json({ by: 'alice', pairs: [one] }));
  await until(async () => ((await fleet.query<FleetStatus>('status')).gate?.refusedCount ?? 0) > 0, {
    what: 'the approval to be refused',
  });
  await fleet.signal('reject', ...json({ by: 'alice', reason: 'not today' }));
  expect(await receiver.of(fleet.workflowId, 'ended')).toMatchObject({
    ...{ pair: null, phase: 'done', pairs: { total: 2, done: 2 } },
    ending: { state: 'failed', message: expect.stringMatching(/^FleetIncomplete: /) as string },
  });
  expect(eventsOf(fleet.workflowId)).toEqual([...['gate-opened', 'gate-blocked', 'ended']]);
  const { rows } = await fleet.query<PairsAnswer>('pairs');
  // Pairs are used again, so earlier tests have notifications of the same pairs.
  const members = rows.map(({ workflowId }) => workflowId);
  expect(members).toHaveLength(2);
  const runs = receiver.deliveries.filter(({ notification }) => members.includes(notification.workflowId));
  expect(runs).toEqual([]);
});

/** Promotions of pairs that replicate, by the notifications that they send. */
async function replicatedPair() {
  const pair = await stage.pair(
    'CREATE TABLE orders (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)',
  );
  await pair.subscribe();
  return pair;
}

it('a promotion tells that it starts and how it ends, and a rehearsal only how it ends', async () => {
  const pair = await replicatedPair();
  const input = { pair: pair.name, ticket: 'CHG-3', requestedBy: 'alice', failback: false };
  const rehearsal = await stage.send(json({ ...input, rehearse: true }), { type: 'promoteStandby' });
  const rehearsed = await receiver.of(rehearsal.workflowId, 'ended');
  expect(rehearsed).toMatchObject({
    text: expect.stringMatching(
      new RegExp(
        `^Rehearsal of the promotion of ${pair.name}, CHG-3: completed, and everything was undone; the predicted outage is \\d+ ms$`,
      ),
    ) as string,
    promotion: { rehearsal: true, leftovers: 0 },
  });
  const run = await stage.send(json(input), { type: 'promoteStandby' });
  const [firstRunId = ''] = await run.runs();
  const started = await receiver.of(run.workflowId, 'started');
  expect(started).toEqual({
    ...{ event: 'started', id: `${firstRunId}-1`, at: expect.stringMatching(/Z$/) as string },
    text: expect.stringMatching(
      new RegExp(
        `^Promotion of ${pair.name}, CHG-3: the checks have passed, .* for at most 30 seconds\\. To call it off .*reject ${run.workflowId} `,
      ),
    ) as string,
    ...{ workflowId: run.workflowId, firstRunId, pair: pair.name, mode: null, ticket: 'CHG-3' },
    ...{ requestedBy: 'alice', phase: 'before-the-switch', gate: null, minimumHeadroom: null, ending: null },
    promotion: { rehearsal: false, outageBudget: '30 seconds', outageMs: null, leftovers: 0 },
  });
  const ended = await receiver.of(run.workflowId, 'ended');
  const { outageMs, leftovers } = ended.promotion ?? {};
  expect(ended).toMatchObject({
    ...{ id: `${firstRunId}-2`, phase: 'done', ending: { state: 'completed', message: 'promoted' } },
    text: `Promotion of ${pair.name}, CHG-3: completed; the standby is open and takes writes; the outage was ${outageMs} ms. ${leftovers} commands are left for a person to run: sequence-failover status ${run.workflowId}`,
  });
  expect(outageMs).toBeGreaterThan(0);
  expect(leftovers).toBe(2);
  expect(eventsOf(rehearsal.workflowId)).toEqual(['ended']);
});

it('a promotion that is undone tells why, whatever the receiver answers', async () => {
  receiver.behaviour = 'hang';
  const pair = await replicatedPair();
  const beforeSwitch = { workflowType: 'never', taskQueue: 'nobody' };
  const run = await stage.send(
    json({ pair: pair.name, failback: false, beforeSwitch, accept: ['HANDOFF_NO_WORKER'] }),
    { type: 'promoteStandby' },
  );
  await run.until('it waits for the last word', (status) =>
    JSON.stringify(status).includes('"step":"beforeSwitch","state":"running"'),
  );
  await run.signal('reject', ...json({ by: 'alice', reason: 'not today' }));
  const ending = await run.ending();
  expect(ending).toMatchObject({ status: 'FAILED', type: 'Rejected' });
  receiver.behaviour = 200;
  expect(await receiver.of(run.workflowId, 'ended')).toMatchObject({
    text: expect.stringMatching(
      new RegExp(`^Promotion of ${pair.name}: failed: Rejected: .*not today.*; undone: .*fence`),
    ) as string,
    promotion: { outageMs: null },
  });
  // One that cannot begin tells that, too.
  const refused = await stage.send(json({ pair: 'wrong-password' }), { type: 'promoteStandby' });
  expect(await receiver.of(refused.workflowId, 'ended')).toMatchObject({
    text: expect.stringMatching(/^Promotion of wrong-password: failed: NotReady: /) as string,
  });
});

it('a fleet of promotions tells how it ends, and its promotions tell nothing', async () => {
  const pairs = await Promise.all([replicatedPair(), replicatedPair()]);
  const [one, other] = pairs.map(({ name }) => name);
  const start = (workflowId: string, input: object) =>
    stage.cli.json(
      ...['workflow', 'start', '--type', 'promoteFleet', '--task-queue', 'sequence-failover'],
      ...['--workflow-id', workflowId, ...json(input)],
    );
  const input = { pairs: [one, other], failback: false, ticket: 'CHG-4' };
  await start('fleet-rehearsed', { ...input, rehearse: true });
  expect(await receiver.of('fleet-rehearsed', 'ended')).toMatchObject({
    ...{ pair: null, ticket: 'CHG-4', phase: 'done', gate: null },
    text: expect.stringMatching(
      /^Rehearsal of the promotion of the fleet fleet-rehearsed, CHG-4: completed, and everything was undone; /,
    ) as string,
    promotion: { rehearsal: true, outcomes: { total: 2, rehearsed: 2 } },
  });
  await start('fleet-refused', { ...input, pairs: [one, 'wrong-password'] });
  expect(await receiver.of('fleet-refused', 'ended')).toMatchObject({
    text: expect.stringMatching(/^Promotion of the fleet fleet-refused, CHG-4: failed: NotReady: /) as string,
    promotion: { outcomes: { total: 2, undone: 2 } },
  });
  for (const name of [one, other])
    for (const fleet of ['fleet-rehearsed', 'fleet-refused'])
      expect(receiver.attempts(`${fleet}/${name}`)).toEqual([]);
});

it('a fleet whose pairs all failed before their gates tells its end', async () => {
  const fleet = new WorkflowRun(stage.cli, 'fleet-that-fails');
  onTestFinished(() => fleet.terminate());
  await stage.cli.json(
    ...['workflow', 'start', '--type', 'fleetFailover', '--task-queue', 'sequence-failover'],
    ...['--workflow-id', fleet.workflowId, ...json({ pairs: ['wrong-password'] })],
  );
  expect(await receiver.of(fleet.workflowId, 'ended')).toMatchObject({
    text: expect.stringMatching(
      /^Failover of the fleet fleet-that-fails: failed: FleetIncomplete: /,
    ) as string,
  });
});
