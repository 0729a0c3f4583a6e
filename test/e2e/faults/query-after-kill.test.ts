import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { QUERIES, SIGNALS } from '../../../src/contract/names.js';
import { until } from '../../../src/local/until.js';
import { FaultStage, type FaultyPair } from './fault-stage.js';
import { usedPair } from './held-phases.js';
import { buffer } from './invariants.js';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start({ pairs: 1 });
});
afterAll(async () => {
  // This replays the run, which fails if the second worker has processed its events in another order than a replay.
  await stage.stop();
});

function unlessEnded(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** A query, an approval and a rejection while another worker takes the run over. @returns whether the query brought the run ahead of its history */
async function askMeanwhile(pair: FaultyPair): Promise<boolean> {
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  const handle = stage.handle(run);
  await stage.startWorker();
  await stage.killWorkers(1);

  // The server offers a query, and later the workflow task, to the killed worker for three seconds, and then to the other one.
  const asked = handle.query(QUERIES.status).catch(() => undefined);
  await delay(1_500);
  await handle.signal(SIGNALS.approve, { by: 'alice' });
  await asked;
  // If the approval was heard first, the run may have ended.
  await handle.signal(SIGNALS.reject, { by: 'bob', reason: 'the primary is back' }).catch(unlessEnded);
  const ending = await run.ending();
  if (ending.status === 'COMPLETED') return false;
  expect(ending).toMatchObject({ status: 'FAILED', type: 'Rejected' });
  expect(await run.status()).toMatchObject({ gate: { state: 'rejected' } });
  const { events } = await handle.fetchHistory();
  const failures = events?.flatMap((event) => event.workflowTaskFailedEventAttributes?.failure ?? []);
  return failures?.some(({ message }) => message?.includes('ahead of its history')) === true;
}

it('can be replayed if a query comes to the next worker before its workflow task, and a message after it', async () => {
  const pair = await usedPair(stage);
  // The server may find out at once that the worker is gone. Then the query comes before the approval.
  await until(() => askMeanwhile(pair), { what: 'a query that comes too early' });
});
