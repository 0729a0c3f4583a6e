import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DecideAnswer } from '../../../src/contract/gate.js';
import { completed } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { SEQUENCES, usedPair } from './held-phases.js';
import { buffer, expectAhead, expectOneOutcomeEach, recorded } from './invariants.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start({ pairs: 6 });
});
afterAll(async () => {
  await stage.stop();
});

/** Around the moment at which the time for an approval runs out, in milliseconds. */
const moments = [-400, -150, -60, -25, -10, -3, 0, 3, 8, 15, 30, 60, 120, 250, -80, -40, -15, 5];

it('ends in exactly one way when an approval comes as the time runs out', async () => {
  const pairs = await Promise.all(Array.from({ length: 6 }, () => usedPair(stage)));
  const queue = moments.entries();
  const outcomes: Record<number, string> = {};
  await Promise.all(
    pairs.map(async (pair) => {
      for (const [number, moment] of queue) {
        const workflowId = `deadline-${number}`;
        const run = await stage.start(
          { pair: pair.name, buffer, approval: { timeout: '3 seconds' } },
          { workflowId },
        );
        const { gate } = await run.until(
          'the gate has had a deadline',
          (status) => status.gate?.deadline != null,
        );
        await delay(Math.max(0, Date.parse(gate?.deadline ?? '') - Date.now() + moment));
        const stood = await stage
          .handle(run)
          .executeUpdate<DecideAnswer, [object]>('decide', { args: [{ decision: 'approve', by: 'alice' }] })
          .then(
            ({ state }) => state,
            (error: unknown) => (error instanceof WorkflowUpdateFailedError ? 'refused' : 'too late'),
          );
        const ending = await run.ending();
        const { state } = (await recorded(pair, run)) ?? { state: 'none' };
        if (stood === 'approved') {
          expect(ending).toMatchObject({
            status: 'COMPLETED',
            result: { gate: { state: 'approved', approvals: [{ by: 'alice' }], refusedCount: 0 } },
          });
          const at = ending.status === 'COMPLETED' ? (ending.result.gate?.approvals[0]?.at ?? '') : '';
          expect(Date.parse(at)).toBeLessThan(Date.parse(gate?.deadline ?? ''));
          expect(state).toBe('completed');
        } else {
          expect(ending).toMatchObject({
            status: 'FAILED',
            type: 'ApprovalTimedOut',
            details: { gate: { state: 'timed-out', approvals: [] }, handoff: null },
          });
          expect(state).toBe('failed');
        }
        outcomes[moment] = stood;
      }
    }),
  );
  console.info('by milliseconds around the deadline', outcomes);
});

const malformed: [name: string, ...args: unknown[]][] = [
  ['approve'],
  ['approve', { by: '' }],
  ['approve', 'yes'],
  ['approve', { by: 'eve', accept: ['NOT_THERE'] }],
  ['approve', { by: 'eve' }, { by: 'mallory' }],
  ['reject', { by: 'eve' }],
  ['resynchronize', { by: 7 }],
  ['promote', { by: 'eve' }],
  ['approve', { by: 'x'.repeat(10_000) }],
  ['approve', new Uint8Array([255, 0, 1])],
];

it('bears a flood of a thousand signals, counts each that was refused, and still hears the right one', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  const handle = stage.handle(run);
  const flood = Array.from(
    { length: 1_000 },
    (_, index) => malformed[index % malformed.length] ?? ['approve'],
  );
  const began = performance.now();
  for (let sent = 0; sent < flood.length; sent += 100) {
    await Promise.all(flood.slice(sent, sent + 100).map(([name, ...args]) => handle.signal(name, ...args)));
  }
  const sentIn = Math.round(performance.now() - began);
  const { gate } = await run.until('all are counted', (status) => status.gate?.refusedCount === 1_000);
  expect(gate).toMatchObject({ state: 'open', approvals: [] });
  expect(gate?.refused).toHaveLength(50);
  expect(Math.max(...(gate?.refused ?? []).map((refusal) => JSON.stringify(refusal).length))).toBeLessThan(
    1_500,
  );
  const countedIn = Math.round(performance.now() - began);
  await handle.signal('approve', { by: 'alice' });
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    gate: { refusedCount: 1_000, approvals: [{ by: 'alice' }] },
  });
  await expectAhead(pair);
  const { events } = await run.history();
  console.info({ sentIn, countedIn, events: events.length, bytes: JSON.stringify(events).length });
});

it('continues as new under a flood, and forgets nothing', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start(
    { pair: pair.name, buffer, approval: { required: 2, recheckEvery: '1 hour' } },
    { memo: { continueAsNewAfterEvents: 100 } },
  );
  const { gate: before } = await run.atGate();
  const handle = stage.handle(run);
  const { runId: first } = await handle.describe();
  await handle.signal('approve', { by: 'alice' });
  for (let sent = 0; sent < 300; sent += 1) await handle.signal('approve', { by: '' });
  const { gate } = await run.until('all are counted', (status) => status.gate?.refusedCount === 300);
  expect(gate).toMatchObject({ state: 'open', approvals: [{ by: 'alice' }], deadline: before?.deadline });
  const { runId: last, historyLength } = await handle.describe();
  expect(last).not.toBe(first);
  await handle.signal('approve', { by: 'bob' });
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    round: 1,
    gate: { refusedCount: 300, approvals: [{ by: 'alice' }, { by: 'bob' }], deadline: before?.deadline },
  });
  await expectOneOutcomeEach(run, SEQUENCES);
  expect(await recorded(pair, run)).toMatchObject({
    state: 'completed',
    rows: { 1: SEQUENCES },
  });
  console.info({ historyLength });
});
