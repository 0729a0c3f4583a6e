import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage } from '../stage/stage.js';
import { completed, failed } from '../stage/workflow-run.js';

/** More than the SDK by itself takes in the five seconds after which it gives a workflow task up. */
const FLOOD = 4_000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

type Send = (number: number) => [name: string, argument: unknown];

async function flood(workflowId: string, send: Send): Promise<void> {
  const handle = stage.cli.client().workflow.getHandle(workflowId);
  for (let sent = 0; sent < FLOOD; sent += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => handle.signal(...send(sent + index))));
  }
}

const manyNames = Array.from({ length: 1_000 }, (_, index) => `s${index}`);
const mixed: Send[] = [
  () => ['approve', { by: 'eve' }],
  () => ['approve', { by: 'eve', accept: manyNames }],
  (number) => ['approve', { by: number }],
  (number) => [`unknown-${number}`, { by: 'eve' }],
];

// largest-messages.test.ts has those that come at the gate.
it('takes thousands of signals that came while no worker ran, before the run began', async () => {
  const [pair, other] = await Promise.all([
    stage.pair('CREATE SEQUENCE invoices'),
    stage.pair('CREATE SEQUENCE invoices'),
  ]);
  const send: Send = (number) => mixed[number % mixed.length]?.(number) ?? ['approve', null];
  await stage.stopWorker();
  const run = await stage.start({ pair: pair.name });
  await flood(run.workflowId, send);
  const neighbour = await stage.start({ pair: other.name });
  await stage.restartWorker();
  const { gate } = await run.atGate();
  expect(gate).toMatchObject({ state: 'open', approvals: [], refusedCount: FLOOD });
  expect(gate?.refused).toHaveLength(50);
  await stage.cli.client().workflow.getHandle(run.workflowId).signal('approve', { by: 'alice' });
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    gate: { refusedCount: FLOOD, approvals: [{ by: 'alice' }] },
  });
  await neighbour.atGate();
  await neighbour.signal('__temporal_nobody_knows_this');
  await neighbour.until('it is counted', (status) => status.gate?.refusedCount === 1);
});

it('obeys a rejection among thousands of signals', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  await stage.stopWorker();
  const run = await stage.start({ pair: pair.name });
  await flood(run.workflowId, (number) =>
    number === FLOOD / 2
      ? ['reject', { by: 'bob', reason: 'stop' }]
      : ['approve', { by: 'eve', accept: manyNames }],
  );
  await stage.restartWorker();
  expect(await failed(run)).toMatchObject({
    type: 'Rejected',
    details: { round: 0, gate: { state: 'rejected', refusedCount: FLOOD - 1 } },
  });
});
