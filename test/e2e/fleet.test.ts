import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../src/local/until.js';
import type { FleetResult, FleetRow, FleetStatus, PairsAnswer } from '../../src/contract/fleet-status.js';
import type { Status } from '../../src/contract/status.js';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { WorkflowRun } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

let fleets = 0;

/** Starts `fleetFailover`; it and what it started are gone when the test ends. */
async function startFleet(input: object): Promise<WorkflowRun> {
  fleets += 1;
  const fleet = new WorkflowRun(stage.cli, `fleet-${fleets}`);
  onTestFinished(() => fleet.terminate());
  await stage.cli.json(
    ...['workflow', 'start', '--type', 'fleetFailover', '--task-queue', 'sequence-failover'],
    ...['--workflow-id', fleet.workflowId, ...json(input)],
  );
  return fleet;
}

const statusOf = (fleet: WorkflowRun) => fleet.query<FleetStatus>('status');
const pairsOf = async (fleet: WorkflowRun, query = {}) =>
  (await fleet.query<PairsAnswer>('pairs', ...json(query))).rows;

async function fleetUntil(fleet: WorkflowRun, what: string, wanted: (status: FleetStatus) => boolean) {
  let last: FleetStatus | undefined;
  const look = async () => {
    last = await fleet.ask<FleetStatus>('status');
    return wanted(last) && last;
  };
  return until(look, { interval: 50, what }).catch((cause: unknown) => {
    throw new Error(`${fleet.workflowId} never came to this: ${what}; ${JSON.stringify(last)}`, { cause });
  });
}

/** Until no pair is on its way to its gate. */
const allPrepared = (fleet: WorkflowRun) =>
  fleetUntil(fleet, 'all pairs are prepared', ({ gate }) => gate !== null && gate.state !== 'closed');

/** The end of a fleet, with the fleet's own shapes. */
async function endOf(fleet: WorkflowRun) {
  const ending = await fleet.ending();
  if (ending.status === 'COMPLETED') {
    return { completed: ending.result as unknown as FleetResult, failed: null };
  }
  if (ending.status !== 'FAILED') throw new Error(`${fleet.workflowId} ended as ${ending.status}`);
  const { type, message, details } = ending;
  return { completed: null, failed: { type, message, status: details as unknown as FleetStatus } };
}

const sequence = 'CREATE SEQUENCE invoices';
const summary = (rows: readonly FleetRow[]) =>
  Object.fromEntries(rows.map(({ pair, outcome, failure }) => [pair, failure ?? outcome]));

describe('a fleet', () => {
  it('moves all pairs and hands all off after one approval', async () => {
    const pairs = await Promise.all([stage.pair(sequence), stage.pair(sequence), stage.pair(sequence)]);
    const names = pairs.map(({ name }) => name);
    const fleet = await startFleet({ pairs: names, concurrency: 2, ticket: 'CHG-1' });
    expect(await allPrepared(fleet)).toMatchObject({
      phase: 'awaiting-approval',
      counts: { total: 3, queued: 0, preparing: 0, waiting: 3, deciding: 0, done: 0 },
      outcomes: { pending: 3 },
      sequences: { total: 3, applied: 3 },
      minimumHeadroom: { sequence: 'public.invoices', calls: '10000' },
      gate: { state: 'open', attentionCount: 0 },
    });
    await fleet.signal('approve', ...json({ by: 'alice', reason: 'CHG-1' }));
    const { completed } = await endOf(fleet);
    expect(completed).toMatchObject({
      outcome: 'completed',
      phase: 'done',
      ticket: 'CHG-1',
      outcomes: { 'handed-off': 3, failed: 0 },
      gate: {
        state: 'decided',
        decisions: [{ kind: 'approve', by: 'alice', reason: 'CHG-1', pairs: null, addressed: 3 }],
      },
      failuresCount: 0,
      next: null,
    });
    expect(summary(completed?.pairs ?? [])).toEqual(
      Object.fromEntries(names.map((name) => [name, 'handed-off'])),
    );
    expect(completed?.pairs.map(({ approvals }) => approvals)).toEqual([1, 1, 1]);
    for (const { standby } of pairs) {
      expect(await standby.positions()).toEqual({ 'public.invoices': ['10000', true] });
    }
    const child = new WorkflowRun(stage.cli, `${fleet.workflowId}/${names[0] ?? ''}`);
    expect(await child.status()).toMatchObject({ gate: { approvals: [{ by: 'alice', reason: 'CHG-1' }] } });
  });

  it('passes an approver’s decision about rows on to each pair', async () => {
    const table = 'CREATE TABLE orders (id serial PRIMARY KEY)';
    const [first, second] = await Promise.all([stage.pair(table), stage.pair(table)]);
    await second.standby.sql('INSERT INTO orders VALUES (500000)');
    const fleet = await startFleet({ pairs: [first.name, second.name] });
    await fleetUntil(fleet, 'a pair is blocked', ({ gate }) => gate?.state === 'blocked');
    const decide = (more: object) => fleet.decide(...json({ decision: 'approve', by: 'alice', ...more }));
    expect(await decide({})).toMatchObject({ stands: false });
    expect(await decide({ raisePastRows: ['public.nothing'] })).toMatchObject({ stands: false });
    expect(await decide({ raisePastRows: ['public.orders_id_seq'] })).toMatchObject({ stands: true });
    const { completed } = await endOf(fleet);
    expect(completed).toMatchObject({ outcomes: { 'handed-off': 2 } });
    const next = (pair: typeof first) => pair.standby.sql('INSERT INTO orders DEFAULT VALUES RETURNING id');
    expect(await next(first)).toEqual([{ id: 10_001 }]);
    expect(await next(second)).toEqual([{ id: 500_001 }]);
    const run = new WorkflowRun(stage.cli, `${fleet.workflowId}/${second.name}`);
    expect((await run.status()).gate?.decidedRows).toEqual([
      { sequence: 'public.orders_id_seq', rows: 'raise', by: 'alice' },
    ]);
  });

  it('goes on without a pair that fails, decides pair by pair, and says what is left', async () => {
    const [first, second, third] = await Promise.all([
      stage.pair(sequence),
      stage.pair(sequence),
      stage.pair(sequence),
    ]);
    // Missing on the standby: it waits at its gate, blocked.
    await second.primary.sql('CREATE SEQUENCE orders');
    const fleet = await startFleet({ pairs: [first.name, second.name, third.name, 'nobody'] });
    expect(await allPrepared(fleet)).toMatchObject({
      phase: 'awaiting-approval',
      counts: { total: 4, waiting: 3, done: 1 },
      gate: {
        state: 'blocked',
        attention: [
          {
            pair: second.name,
            gate: 'blocked',
            blockedBy: [{ code: 'MISSING_ON_STANDBY', sequence: 'public.orders' }],
            blocks: [
              {
                sequence: 'public.orders',
                message: expect.stringContaining('public.orders') as string,
                remedy: expect.stringContaining('CREATE SEQUENCE public.orders') as string,
              },
            ],
          },
        ],
        attentionCount: 1,
      },
      failures: [
        {
          pair: 'nobody',
          failure: 'InvalidInput',
          message: expect.stringContaining('knows no pair') as string,
        },
      ],
      failuresCount: 1,
    });
    const decide = (decision: object) => fleet.update('decide', ...json(decision));
    expect(await decide({ decision: 'approve', by: 'alice', pairs: ['elsewhere'] })).toMatchObject({
      stands: false,
      error: expect.stringContaining('the fleet has no pair "elsewhere"') as string,
    });
    expect(await decide({ decision: 'approve', by: 'alice', pairs: ['nobody'] })).toMatchObject({
      stands: false,
      error: expect.stringContaining('nobody is finished already') as string,
    });
    expect(await decide({ decision: 'approve', by: 'alice', accept: ['public.nothing'] })).toMatchObject({
      stands: false,
      error: expect.stringContaining('nothing to accept under the name "public.nothing"') as string,
    });
    const both = { decision: 'approve', by: 'alice', pairs: [first.name, second.name] };
    expect(await decide(both)).toMatchObject({
      stands: false,
      error: expect.stringContaining(
        `${second.name} is blocked: ${second.name} by MISSING_ON_STANDBY on public.orders`,
      ) as string,
    });
    expect(await decide({ ...both, partial: true })).toMatchObject({
      stands: true,
      answer: {
        addressed: 1,
        refused: [{ pair: second.name, reason: 'blocked by MISSING_ON_STANDBY on public.orders' }],
        refusedCount: 1,
      },
    });
    await fleetUntil(fleet, 'the handoff', ({ outcomes }) => outcomes['handed-off'] === 1);
    await fleet.signal('approve', ...json({ by: 'alice', pairs: [second.name], accept: ['public.orders'] }));
    await fleet.signal('reject', ...json({ by: 'bob', reason: 'not today', pairs: [third.name] }));
    const { failed } = await endOf(fleet);
    expect(failed).toMatchObject({
      type: 'FleetIncomplete',
      message: expect.stringContaining('2 of 4 pairs ended well') as string,
      status: {
        phase: 'done',
        outcomes: { 'handed-off': 2, failed: 1, rejected: 1, pending: 0 },
        gate: { decisionsCount: 3, refusedCount: 4 },
        failuresCount: 2,
      },
    });
    expect(summary(await pairsOf(fleet))).toEqual({
      [first.name]: 'handed-off',
      [second.name]: 'handed-off',
      [third.name]: 'Rejected',
      nobody: 'InvalidInput',
    });
    expect(summary(await pairsOf(fleet, { outcome: 'failed' }))).toEqual({ nobody: 'InvalidInput' });
  });

  it('shows the blocks of every gate after a resynchronization, changed or not', async () => {
    const [unblocked, mended, left] = await Promise.all([
      stage.pair(sequence),
      stage.pair(sequence),
      stage.pair(sequence),
    ]);
    for (const { primary } of [mended, left]) await primary.sql('CREATE SEQUENCE orders');
    const fleet = await startFleet({ pairs: [unblocked.name, mended.name, left.name] });
    const attentionTo = (...names: string[]) =>
      names.map((pair) => ({
        pair,
        gate: 'blocked',
        blockedBy: [{ code: 'MISSING_ON_STANDBY', sequence: 'public.orders' }],
        refused: null,
      }));
    const waiting = { phase: 'awaiting-approval', counts: { total: 3, waiting: 3, deciding: 0, done: 0 } };
    expect(await allPrepared(fleet)).toMatchObject({
      ...waiting,
      gate: { state: 'blocked', attention: attentionTo(mended.name, left.name), attentionCount: 2 },
    });
    const resynchronized = (times: number) =>
      fleetUntil(
        fleet,
        `resynchronization ${times}`,
        ({ gate, counts }) => gate?.decisionsCount === times && counts.waiting === 3,
      );
    await mended.standby.sql('CREATE SEQUENCE orders');
    await fleet.signal('resynchronize', ...json({ by: 'alice' }));
    const afterFix = {
      ...waiting,
      gate: { state: 'blocked', attention: attentionTo(left.name), attentionCount: 1 },
    };
    expect(await resynchronized(1)).toMatchObject(afterFix);
    // Nothing was mended before this one.
    await fleet.signal('resynchronize', ...json({ by: 'alice' }));
    expect(await resynchronized(2)).toMatchObject(afterFix);
    await fleet.signal('approve', ...json({ by: 'alice', accept: ['public.orders'] }));
    const { completed } = await endOf(fleet);
    expect(completed).toMatchObject({
      outcomes: { 'handed-off': 3 },
      gate: {
        decisions: [{ kind: 'resynchronize' }, { kind: 'resynchronize' }, { kind: 'approve', addressed: 3 }],
        refusedCount: 0,
      },
    });
    expect(await mended.standby.positions()).toEqual({
      'public.invoices': ['10000', true],
      'public.orders': ['10000', true],
    });
  });

  it('gets the first change of a gate at once, and later ones with the next answer', async () => {
    const { name, standby } = await stage.pair(sequence);
    const fleet = await startFleet({ pairs: [name], approval: { recheckEvery: '1 second' } });
    await allPrepared(fleet);
    const pair = new WorkflowRun(stage.cli, `${fleet.workflowId}/${name}`);
    await standby.sql('DROP SEQUENCE invoices');
    const block = { code: 'MISSING_ON_STANDBY', sequence: 'public.invoices' };
    const blocked = {
      state: 'blocked',
      attention: [{ pair: name, gate: 'blocked', blockedBy: [block], refused: null }],
    };
    await fleetUntil(fleet, 'the block is told', ({ gate }) => gate?.state === 'blocked');
    await standby.sql('CREATE SEQUENCE invoices');
    await until(async () => (await pair.ask<Status>('status')).gate?.state === 'open', {
      interval: 100,
      what: 'the pair to be open again',
    });
    // The second change within five minutes waits.
    expect(await statusOf(fleet)).toMatchObject({ gate: blocked });
    await fleet.signal('approve', ...json({ by: 'alice', accept: ['public.invoices'] }));
    const answered = await fleetUntil(fleet, 'the answer', ({ gate }) => gate?.state === 'open');
    expect(answered.gate?.attention).toMatchObject([
      {
        pair: name,
        gate: 'open',
        blockedBy: [],
        refused: { by: 'alice', reason: expect.stringContaining('nothing to accept') as string },
      },
    ]);
    await fleet.signal('approve', ...json({ by: 'alice' }));
    const { completed } = await endOf(fleet);
    expect(completed).toMatchObject({ outcomes: { 'handed-off': 1 }, gate: { decisionsCount: 2 } });
  });

  it('takes every database of the servers of a pair', async () => {
    const [whole, other, third] = await Promise.all([
      stage.pair(sequence),
      stage.pair(sequence),
      stage.pair(sequence),
    ]);
    const input = { pairs: [{ pair: whole.name, databases: '*', except: [third.name] }], mode: 'sync' };
    const { completed } = await endOf(await startFleet(input));
    expect(summary(completed?.pairs ?? [])).toEqual({
      [whole.name]: 'synchronized',
      [`${whole.name}/${other.name}`]: 'synchronized',
      [`${whole.name}/postgres`]: 'synchronized',
    });
    expect(completed?.gate).toBeNull();
    expect(await other.standby.positions()).toEqual({ 'public.invoices': ['10000', true] });
    expect(await third.standby.positions()).toEqual({ 'public.invoices': ['1', false] });
  });

  it('does not pass over a database that the standby lacks', async () => {
    const whole = await stage.pair(sequence);
    await whole.primary.sql('CREATE DATABASE left_behind');
    onTestFinished(async () => {
      await whole.primary.sql('DROP DATABASE left_behind');
    });
    const fleet = await startFleet({ pairs: [{ pair: whole.name, databases: '*' }], mode: 'verify' });
    const { failed } = await endOf(fleet);
    expect(failed).toMatchObject({
      type: 'FleetIncomplete',
      message: expect.stringContaining('{"except": ["left_behind"]}') as string,
      status: {
        findings: [{ severity: 'block', code: 'DATABASE_MISSING_ON_STANDBY' }],
        outcomes: { verified: 1, failed: 1 },
      },
    });
  });

  it('is rejected as a whole, also what has not begun', async () => {
    const pairs = await Promise.all([stage.pair(sequence), stage.pair(sequence)]);
    const fleet = await startFleet({ pairs: pairs.map(({ name }) => name), concurrency: 1 });
    await fleetUntil(fleet, 'the pairs are known', ({ counts }) => counts.total === 2);
    await fleet.signal('reject', ...json({ by: 'bob', reason: 'called off' }));
    const { failed } = await endOf(fleet);
    expect(failed).toMatchObject({
      type: 'FleetIncomplete',
      message: expect.stringContaining('called off') as string,
      status: {
        outcomes: { rejected: 2 },
        gate: { decisions: [{ kind: 'reject', by: 'bob', addressed: 2 }] },
      },
    });
  });

  it('answers a second decision that contradicts the first as the pair has taken it', async () => {
    const made = [stage.pair(sequence), stage.pair(sequence), stage.pair(sequence)] as const;
    // The fleet stays open for the third.
    const [first, second, third] = await Promise.all(made);
    const fleet = await startFleet({ pairs: [first.name, second.name, third.name] });
    await allPrepared(fleet);
    const decide = (decision: string, by: string, pair: string) =>
      fleet.update('decide', ...json({ decision, by, reason: 'CHG-1', pairs: [pair] }));
    expect(await decide('reject', 'bob', first.name)).toMatchObject({ stands: true });
    expect(await decide('approve', 'alice', first.name)).toMatchObject({
      stands: false,
      error: expect.stringMatching(
        new RegExp(`${first.name} (was rejected by bob already|is finished already \\(rejected\\))`, 'u'),
      ) as string,
    });
    expect(await decide('approve', 'alice', second.name)).toMatchObject({ stands: true });
    const late = await decide('reject', 'bob', second.name);
    expect(await decide('reject', 'bob', third.name)).toMatchObject({ stands: true });
    await endOf(fleet);
    const rows = summary(await pairsOf(fleet));
    expect(rows).toEqual({
      [first.name]: 'Rejected',
      [second.name]: late.stands ? 'Rejected' : 'handed-off',
      [third.name]: 'Rejected',
    });
    if (!late.stands)
      expect(late.error).toMatch(/was approved by alice before|is finished already \(handed-off\)/u);
  });

  it('cancels its pairs when it is cancelled, and releases their locks', async () => {
    const pair = await stage.pair(sequence);
    const fleet = await startFleet({ pairs: [pair.name] });
    await allPrepared(fleet);
    await fleet.cancel();
    expect(await fleet.ending()).toEqual({ status: 'CANCELED' });
    const next = await stage.start({ pair: pair.name, mode: 'sync' });
    expect(await next.ending()).toMatchObject({ status: 'COMPLETED' });
  });

  it.each([
    { input: {}, message: /pairs is missing/ },
    { input: { pairs: ['a', 'a'] }, message: /pairs\[1\].*each pair only once/ },
    { input: { pairs: [{ pair: 'a', database: '*' }] }, message: /pairs\[0\].*did you mean databases/ },
    {
      input: { pairs: ['a'], handoff: { workflowType: 'x', taskQueue: 'y', workflowId: 'z' } },
      message: /handoff\.workflowId/,
    },
  ])('refuses $input at once', async ({ input, message }) => {
    const { failed } = await endOf(await startFleet(input));
    expect(failed).toMatchObject({ type: 'InvalidInput', message: expect.stringMatching(message) as string });
  });
});
