import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockWorkflowId } from '../../../src/contract/lock.js';
import { until } from '../../../src/local/until.js';
import { deletesSoon } from '../stage/deletes-soon.js';
import { completed, failed } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { usedPair } from './held-phases.js';
import { buffer } from './invariants.js';

// On a server of its own: one deletes closed workflows only when its earlier tasks are done.
let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start({ pairs: 1, temporal: deletesSoon });
});
afterAll(async () => {
  await stage.stop();
});

it(
  'leaves one lock for each pair in the list of workflows, also of those that an earlier release left',
  { timeout: 480_000 },
  async () => {
    const pair = await usedPair(stage);
    const workflowId = lockWorkflowId(pair.name);
    const locks = async (status = '') => {
      const { executions } = await stage.client.workflowService.listWorkflowExecutions({
        namespace: 'default',
        query: `WorkflowId = '${workflowId}'${status}`,
      });
      return executions.map(({ execution }) => execution?.runId ?? '');
    };
    const isLeft = (count: number, status?: string) =>
      until(async () => (await locks(status)).length === count, {
        what: `${count} locks in the list`,
      });
    // The list follows late: a single lock in it may still be that of the run before.
    const isOnlyOne = (runId: string) =>
      until(async () => (await locks()).join() === runId, { what: `the lock ${runId} alone in the list` });
    for (let left = 1; left <= 3; left += 1) {
      await stage.client.workflow.start('pairLock', { workflowId, taskQueue: 'earlier', args: [] });
      await stage.client.workflow.getHandle(workflowId).terminate();
      await isLeft(left, " AND ExecutionStatus != 'Running'");
    }
    for (let runs = 0; runs < 3; runs += 1) {
      await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
    }
    await isLeft(1);

    // The lock of an open run stays, whoever asks for it.
    const first = await stage.start({ pair: pair.name, buffer });
    await first.atGate();
    const handle = stage.client.workflow.getHandle(workflowId);
    const { runId: held } = await handle.describe();
    await isOnlyOne(held);
    await failed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
    expect(await handle.describe()).toMatchObject({ runId: held, status: { name: 'RUNNING' } });
    // The lock of a run that was terminated is ended, and deleted.
    await first.terminate();
    await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
    const { runId: last } = await handle.describe();
    expect(last).not.toBe(held);
    await isOnlyOne(last);
  },
);
