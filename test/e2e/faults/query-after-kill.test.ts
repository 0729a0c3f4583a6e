import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { QUERIES, SIGNALS } from '../../../src/contract/names.js';
import { TOO_EARLY } from '../../../src/contract/too-early.js';
import { FaultStage } from './fault-stage.js';
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

it('refuses a query that comes to the next worker before its workflow task, so that the history can be replayed', async () => {
  const pair = await usedPair(stage);
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  const handle = stage.handle(run);
  await stage.startWorker();
  await stage.killWorkers(1);

  // The server offers a query, and later the workflow task, to the killed worker for three seconds, and then to the other one.
  const answered = handle.query(QUERIES.status).then(
    () => 'answered',
    (error: unknown) => String(error),
  );
  await delay(1_500);
  await handle.signal(SIGNALS.approve, { by: 'alice' });
  const answer = await answered;
  await handle.signal(SIGNALS.reject, { by: 'bob', reason: 'the primary is back' });

  expect(answer).toContain(TOO_EARLY);
  expect(await run.ending()).toMatchObject({ status: 'FAILED', type: 'Rejected' });
  expect(await run.status()).toMatchObject({ gate: { state: 'rejected' } });
});
