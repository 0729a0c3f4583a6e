import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockWorkflowId } from '../../../src/contract/lock.js';
import { until } from '../../../src/local/until.js';
import { json } from '../stage/payloads.js';
import { completed, failed } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { heldPhases, SEQUENCES, usedPair } from './held-phases.js';
import { hold, holdAdvisoryLocks } from './hold.js';
import { buffer, expectAhead, recorded, sequences, used } from './invariants.js';
import { Witness } from './witness.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start({ pairs: 8 });
});
afterAll(async () => {
  await stage.stop();
});

it('ends as cancelled in whatever phase, says so in the ledger, and frees the pair', async () => {
  const took: Record<string, number> = {};
  await Promise.all(
    Object.entries(heldPhases).map(async ([phase, begin]) => {
      const { pair, run, release } = await begin(stage);
      const witness = new Witness(pair.databases.standbyUrl);
      const began = performance.now();
      await run.cancel();
      expect(await run.ending()).toEqual({ status: 'CANCELED' });
      took[phase] = Math.round(performance.now() - began);
      await release();
      if (phase !== 'checking') {
        expect(await recorded(pair, run)).toMatchObject({
          state: 'cancelled',
          outcome: 'cancelled',
        });
      }
      await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
      await expectAhead(pair);
      expect(await witness.testify()).toMatchObject({ lowered: [] });
    }),
  );
  console.info('milliseconds from the cancellation to the end', took);
});

it('hears a rejection in whatever phase, ends at once, says so in the ledger, and frees the pair', async () => {
  await Promise.all(
    Object.entries(heldPhases).map(async ([phase, begin]) => {
      const { pair, run, approved, release } = await begin(stage);
      const witness = new Witness(pair.databases.standbyUrl);
      expect(await run.decide(...json({ decision: 'reject', by: 'bob', reason: 'stop' }))).toEqual({
        stands: true,
        answer: { state: 'rejected', approvals: approved ? 1 : 0, required: 1 },
      });
      // What holds it up is let go only after its end.
      expect(await failed(run)).toMatchObject({
        type: 'Rejected',
        message: 'bob rejected the failover: stop; nothing was handed off',
        details: { phase: 'done', gate: { state: 'rejected', refusedCount: 0 } },
      });
      await release();
      if (phase !== 'checking') {
        expect(await recorded(pair, run)).toMatchObject({
          state: 'failed',
          outcome: expect.stringMatching(/^Rejected: bob rejected the failover: stop/) as string,
        });
      }
      await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
      await expectAhead(pair);
      expect(await witness.testify()).toMatchObject({ lowered: [] });
    }),
  );
});

it('waits for running setvals when it is cancelled, and starts no further setval', async () => {
  const count = 90;
  const pair = await stage.pair(sequences(count));
  await pair.databases.primary.sql(used(count));
  // Every setval of ours takes this lock first, and as many as the worker has connections wait for it.
  const turn = await holdAdvisoryLocks(pair.databases.standbyUrl);
  const run = await stage.start({ pair: pair.name, buffer });
  const waiting = async () => {
    const [locks] = await pair.databases.standby.sql<{ count: number }>(
      "SELECT count(*)::integer FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
    );
    return locks?.count === 4;
  };
  await until(waiting, { what: 'setvals that wait for their turn' });
  const before = await pair.databases.standby.positions();
  await run.cancel();
  const cancelledAt = Date.now();
  // The worker hears of it by the answer to a heartbeat.
  const heard = async () => (await stage.oldestHeartbeat(run)) > cancelledAt;
  await until(heard, { what: 'a heartbeat of each setval that the worker has in hand' });
  expect(new Set(await stage.pending(run))).toEqual(new Set(['applyTargets']));
  expect((await stage.handle(run).describe()).status.name).toBe('RUNNING');
  expect(await pair.databases.standby.positions()).toEqual(before);
  await turn.commit();
  expect(await run.ending()).toEqual({ status: 'CANCELED' });
  expect(await pair.databases.standby.positions()).toEqual(before);
  expect(await recorded(pair, run)).toMatchObject({ state: 'cancelled' });
  // Nothing of ours is left that sets values after the end.
  await completed(await stage.start({ pair: pair.name, mode: 'plan', buffer }));
  expect(await pair.databases.standby.positions()).toEqual(before);
});

it('records what was set when it is cancelled in the middle of setting', async () => {
  const count = 20;
  const pair = await stage.pair(sequences(count));
  await pair.databases.primary.sql(used(count));
  const before = await pair.databases.standby.positions();
  const alter = await hold(pair.standbyUrl, 'ALTER SEQUENCE s_0002 CACHE 1');
  const run = await stage.start({ pair: pair.name, ticket: 'CHG-9', buffer });
  const onlyOneIsLeft = async () => {
    const now = Object.entries(await pair.databases.standby.positions());
    return now.filter(([name, position]) => String(position) === String(before[name])).length === 1;
  };
  await until(onlyOneIsLeft, { what: 'all but the locked sequence to be set' });
  await run.cancel();
  expect(await run.ending()).toEqual({ status: 'CANCELED' });
  await alter.commit();
  const reason = 'behind its target when the run was cancelled';
  expect(await run.status()).toMatchObject({ counts: { total: count, applied: count - 1, failed: 1 } });
  expect((await run.sequences({ outcome: 'failed' })).rows).toMatchObject([
    { sequence: 'public.s_0002', reason },
  ]);
  expect(await recorded(pair, run)).toMatchObject({ state: 'cancelled', rows: { 1: count } });
  expect(
    await pair.databases.standby.sql(
      'SELECT mode, ticket, outcome, started_at IS NOT NULL AS started FROM sequence_failover.runs',
    ),
  ).toEqual([{ mode: 'failover', ticket: 'CHG-9', outcome: 'cancelled', started: true }]);
  expect(
    await pair.databases.standby.sql(
      "SELECT sequence, reason FROM sequence_failover.sequences WHERE outcome <> 'applied' OR standby_after <> target",
    ),
  ).toEqual([{ sequence: 'public.s_0002', reason }]);
});

it('leaves a terminated run to the next one, which marks its record abandoned', async () => {
  for (const phase of ['synchronizing', 'awaiting-approval']) {
    const begin = heldPhases[phase];
    if (begin === undefined) throw new Error(phase);
    const { pair, run, release } = await begin(stage);
    await run.terminate();
    await release();
    const next = await stage.start({ pair: pair.name, buffer });
    await next.atGate();
    await next.signal('approve', ...json({ by: 'alice' }));
    await completed(next);
    await expectAhead(pair);
    const line = await recorded(pair, run);
    // A run that had recorded nothing yet leaves no line.
    if (phase === 'synchronizing') expect(line).toBeNull();
    else expect(line).toMatchObject({ state: 'abandoned', rows: { 1: SEQUENCES } });
  }
});

it('lets exactly one of two runs that start at once proceed, ten times over', async () => {
  const pair = await usedPair(stage);
  const took: number[] = [];
  for (let round = 1; round <= 10; round += 1) {
    const began = performance.now();
    const both = await Promise.all(
      ['a', 'b'].map((which) =>
        stage.start({ pair: pair.name, buffer }, { workflowId: `race-${round}-${which}` }),
      ),
    );
    const ended = await Promise.all(
      both.map((run) =>
        until(
          async () => {
            const { status } = await stage.handle(run).describe();
            if (status.name !== 'RUNNING') return 'refused';
            const { gate } = await run.status();
            return gate?.state === 'open' && 'proceeds';
          },
          { interval: 50, what: `${run.workflowId} to proceed or to be refused` },
        ),
      ),
    );
    expect([...ended].sort()).toEqual(['proceeds', 'refused']);
    const [winner, loser] = ended[0] === 'proceeds' ? both : [...both].reverse();
    if (winner === undefined || loser === undefined) throw new Error('two were started');
    expect(await failed(loser)).toMatchObject({
      type: 'NotReady',
      message: expect.stringContaining(`is open: ${winner.workflowId};`) as string,
    });
    took.push(Math.round(performance.now() - began));
    // The next two find a lock whose holder has closed without a word.
    await winner.terminate();
  }
  console.info('milliseconds until both were decided', took);
});

it('never starts a promotion twice, also when two pairs hand off to one ID at once', async () => {
  const pairs = await Promise.all([usedPair(stage), usedPair(stage), usedPair(stage)]);
  const handoff = { workflowType: 'promoteStandby', taskQueue: 'nobody', workflowId: 'promote-once' };
  const runs = await Promise.all(pairs.map(({ name }) => stage.start({ pair: name, buffer, handoff })));
  await Promise.all(runs.map((run) => run.atGate()));
  await Promise.all(
    runs.map((run) => stage.handle(run).signal('approve', { by: 'alice', accept: ['HANDOFF_NO_WORKER'] })),
  );
  const promoted = async () => {
    const left = await Promise.all(
      runs.map(async (run) => {
        const { status } = await stage.handle(run).describe();
        if (status.name !== 'RUNNING') return status.name;
        const { gate } = await run.status();
        return gate?.blockedBy.some(({ code }) => code === 'HANDOFF_ID_TAKEN') ? 'blocked' : 'open';
      }),
    );
    return !left.includes('open') && left;
  };
  const left = await until(promoted, { what: 'each run to hand off or to be refused' });
  // Those who come to the check after the approval later than the first are back at their gates.
  expect(left.filter((state) => state === 'COMPLETED')).toHaveLength(1);
  expect(new Set(left)).not.toContain('TERMINATED');
  await stage.client.workflow.getHandle('promote-once').terminate();
});

it('holds the pair when the lock is cancelled, and lets only one of two complete when it is terminated', async () => {
  const pair = await usedPair(stage);
  const lock = stage.client.workflow.getHandle(lockWorkflowId(pair.name));
  const first = await stage.start({ pair: pair.name, buffer });
  await first.atGate();
  await lock.cancel();
  expect(await failed(await stage.start({ pair: pair.name, buffer }))).toMatchObject({
    type: 'NotReady',
    message: expect.stringContaining(`is open: ${first.workflowId};`) as string,
  });
  await lock.terminate();
  const second = await stage.start({ pair: pair.name, buffer });
  await second.atGate();
  await first.signal('approve', ...json({ by: 'alice' }));
  expect(await failed(first)).toMatchObject({
    type: 'NotReady',
    message: expect.stringContaining(`is open: ${second.workflowId};`) as string,
  });
  await second.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(second)).toMatchObject({ outcome: 'handed-off' });
});
