import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { until } from '../../src/local/until.js';
import { otherBuild, type OtherBuild } from './stage/other-build.js';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import type { WorkerProcess } from '../../src/local/worker-process.js';
import { startWorker } from './stage/worker-process.js';
import { completed, type WorkflowRun } from './stage/workflow-run.js';

let stage: Stage;
/** What a run on the next build calls the step that it waits at. */
const nextBuildsApproval = 'Approve the failover (as the next build says)';
let next: OtherBuild;
beforeAll(async () => {
  next = otherBuild("'Approve the failover'", `'${nextBuildsApproval}'`);
  stage = await Stage.start();
  await stage.stopWorker();
});
afterAll(async () => {
  await stage.stop();
  next.remove();
});

/** A worker of this build, or of the next one. */
async function start(build: 'this' | 'next', env: Record<string, string> = {}): Promise<WorkerProcess> {
  const settings = { ...stage.workerSettings, SHUTDOWN_GRACE: '2 seconds', ...env };
  const worker = await startWorker(settings, build === 'next' ? next.program : undefined);
  onTestFinished(() => worker.stop());
  return worker;
}

async function checklist(run: WorkflowRun): Promise<string[]> {
  return (await run.status()).checklist.map(({ item }) => item);
}

/** The versions that did the run's tasks, in their order, each once. */
async function versions(run: WorkflowRun): Promise<string[]> {
  interface Completion {
    deploymentVersion?: { deploymentName: string; buildId: string };
  }
  const { events } = await run.history();
  const found = events.flatMap((event) => {
    const attributes = event['workflowTaskCompletedEventAttributes'] as Completion | undefined;
    const version = attributes?.deploymentVersion;
    return version ? [`${version.deploymentName} ${version.buildId}`] : [];
  });
  return [...new Set(found)];
}

/** Makes a build the one that gets the work, as soon as the server has seen a worker of it. */
async function setCurrent(buildId: string): Promise<void> {
  const name = ['--deployment-name', 'sequence-failover', '--build-id', buildId];
  await until(
    async () =>
      (await stage.cli.attempt('worker', 'deployment', 'set-current-version', ...name, '--yes')).code === 0,
    { interval: 200, what: `${buildId} to be the current version` },
  );
}

it('goes on with the next build while a run waits, without worker versioning', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const old = await start('this');
  const run = await stage.start({ pair: pair.name });
  await run.atGate();
  expect(await checklist(run)).toContain('Approve the failover');
  await old.stop();

  await start('next');
  expect(await checklist(run)).toContain(nextBuildsApproval);
  await run.signal('approve', ...json({ by: 'alice' }));
  const result = await completed(run);
  expect(result).toMatchObject({ outcome: 'handed-off', round: 1, counts: { total: 1, applied: 1 } });
  expect(result.gate?.approvals).toMatchObject([{ by: 'alice' }]);
  expect(result.checklist.every(({ done }) => done)).toBe(true);
  expect(await pair.standby.position('invoices')).toEqual(['10000', true]);
  expect(await versions(run)).toEqual([]);
  await pairIsFree(pair.name);
});

it('goes on with the next build once that is current, with worker versioning', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const old = await start('this', { WORKER_BUILD_ID: 'this' });
  await setCurrent('this');
  const run = await stage.start({ pair: pair.name });
  await run.atGate();
  expect(await checklist(run)).toContain('Approve the failover');

  // Until it is current the next build gets nothing, though it polls.
  await start('next', { WORKER_BUILD_ID: 'next' });
  expect(await checklist(run)).toContain('Approve the failover');
  await setCurrent('next');
  await old.stop();
  await run.signal('approve', ...json({ by: 'alice' }));
  const result = await completed(run);
  expect(result).toMatchObject({ outcome: 'handed-off', round: 1, counts: { total: 1, applied: 1 } });
  expect(result.checklist.map(({ item }) => item)).toContain(nextBuildsApproval);
  expect(await pair.standby.position('invoices')).toEqual(['10000', true]);
  expect(await versions(run)).toEqual(['sequence-failover this', 'sequence-failover next']);
  await pairIsFree(pair.name);
});

/** The lock of a pair moves to the next build with the run that holds it. */
async function pairIsFree(pair: string): Promise<void> {
  const again = await stage.start({ pair, mode: 'sync' });
  expect(await completed(again)).toMatchObject({ outcome: 'synchronized', counts: { kept: 1 } });
}
