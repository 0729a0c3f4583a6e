import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { otherBuild } from './stage/other-build.js';
import { decodePayload, type EncodedPayload, json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import type { WorkerProcess } from '../../src/local/worker-process.js';
import { startWorker } from './stage/worker-process.js';
import { completed, type WorkflowRun } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
  await stage.stopWorker();
});
afterAll(async () => {
  await stage.stop();
});

/** What the workflow code says of the memory that it passes on. */
const PASSED_ON = 'withinLimits(run.memory)';

/** As release 0.1.0 wrote it: without a version, and without all that was added since. */
const OLDER = `(({ version, standings, readings, subscriptions, outcomes, earlierPages, ...memory }) => ({
  ...memory,
  gate: (({ known, decidedRows, ...gate }) => gate)(memory.gate),
  rows: memory.rows.map(({ oid, primaryOid, standing, gone, ...row }) => row),
}))(${PASSED_ON})`;

/** Of a version that is not there yet, with fields that nobody here knows. */
const NEWER = `(({ gate, ...memory }) => ({
  ...memory,
  version: 99,
  unknownToUs: ['gate-opened'],
  gate: { ...gate, approvers: ['alice'] },
}))(${PASSED_ON})`;

async function start(program?: string): Promise<WorkerProcess> {
  const worker = await startWorker({ ...stage.workerSettings, SHUTDOWN_GRACE: '2 seconds' }, program);
  onTestFinished(() => worker.stop());
  return worker;
}

/** What the present run was given by the one that it continues; absent in the first. */
async function passedOn(run: WorkflowRun): Promise<Record<string, unknown> | undefined> {
  const { events } = await run.history();
  const { input } = events[0]?.['workflowExecutionStartedEventAttributes'] as {
    input: { payloads: EncodedPayload[] };
  };
  return (decodePayload(input.payloads[1]) as { memory: Record<string, unknown> } | null)?.memory;
}

it.each([
  { version: 'older', code: OLDER, written: undefined, kept: {} },
  {
    version: 'newer',
    code: NEWER,
    written: 99,
    kept: { unknownToUs: ['gate-opened'], gate: { approvers: ['alice'] } },
  },
])(
  'a run that waits goes on with the memory of a worker of another version: $version',
  async ({ code, written, kept }) => {
    const pair = await stage.pair('CREATE SEQUENCE invoices');
    const other = otherBuild(PASSED_ON, code);
    onTestFinished(() => {
      other.remove();
    });
    const before = await start(other.program);
    const run = await stage.start(
      {
        ...{ pair: pair.name, buffer: { calls: '100' }, ticket: 'CHG-7' },
        approval: { recheckEvery: '1 second', required: 2 },
      },
      { flags: ['--memo', 'continueAsNewAfterEvents=50'] },
    );
    await run.atGate();
    await run.signal('approve', ...json({ by: 'bob' }));
    await run.until('it waits as a new run', async () => (await run.runs()).length > 1);
    await before.stop();
    const [firstRun, otherRun] = await run.runs();
    expect((await passedOn(run))?.['version']).toBe(written);

    await start();
    expect(await run.status()).toMatchObject({
      ...{ phase: 'awaiting-approval', ticket: 'CHG-7', round: 1, counts: { total: 1, applied: 1 } },
      gate: { state: 'open', approvals: [{ by: 'bob' }] },
    });
    await run.until('this worker has passed it on', async () => {
      const [, present] = await run.runs();
      return present !== otherRun && (await passedOn(run))?.['version'] === 1;
    });
    expect(await passedOn(run)).toMatchObject({ version: 1, ...kept });
    await pair.primary.sql("SELECT setval('invoices', 1000)");
    await run.signal('approve', ...json({ by: 'alice' }));
    const result = await completed(run);
    expect(result).toMatchObject({ outcome: 'handed-off', firstRunId: firstRun });
    expect(result.gate?.approvals).toMatchObject([{ by: 'bob' }, { by: 'alice' }]);
    expect(await pair.standby.position('invoices')).toEqual(['1100', true]);
  },
);
