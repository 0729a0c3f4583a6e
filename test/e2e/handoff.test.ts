import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startPromotionWorker, type PromotionWorker } from './promotion/promotion-worker.js';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { completed, failed, WorkflowRun } from './stage/workflow-run.js';

const taskQueue = 'promotion';

let stage: Stage;
let promotions: PromotionWorker;
beforeAll(async () => {
  stage = await Stage.start();
  promotions = await startPromotionWorker(stage.cli.address, taskQueue);
});
afterAll(async () => {
  await promotions.stop();
  await stage.stop();
});

const onePair = () => stage.pair('CREATE SEQUENCE invoices');

/** The promotion by that ID, ended with the test. */
function promotion(workflowId: string): WorkflowRun {
  const run = new WorkflowRun(stage.cli, workflowId);
  onTestFinished(() => run.terminate());
  return run;
}

async function approved(input: object): Promise<WorkflowRun> {
  const run = await stage.start(input);
  await run.atGate();
  await run.signal('approve', ...json({ by: 'alice' }));
  return run;
}

it('starts the promotion with the whole record and does not wait for it', async () => {
  const pair = await onePair();
  const handoff = { workflowType: 'promoteStandby', taskQueue };
  const run = await approved({ pair: pair.name, handoff, ticket: 'CHG-123', requestedBy: 'alice' });
  const workflowId = `promote-${pair.name}`;
  const result = await completed(run);
  expect(result).toMatchObject({
    outcome: 'handed-off',
    phase: 'done',
    ticket: 'CHG-123',
    requestedBy: 'alice',
    handoff: { ...handoff, workflowId },
    checklist: [
      {},
      {},
      {},
      { item: 'Approve the failover', done: true },
      { item: 'Hand off to promotion', done: true },
    ],
  });
  const promoting = promotion(workflowId);
  await promoting.signal('finish');
  // It was started with all that the run knew by then. The digest is made at the end.
  const [promotionRunId] = await promoting.runs();
  expect(result.handoff?.runId).toBe(promotionRunId);
  const before = { handoff: { ...handoff, workflowId, runId: null }, ending: null, recordDigest: undefined };
  expect(await completed(promoting)).toEqual({ ...result, ...before });
});

describe('a promotion of the same ID', () => {
  it('never runs twice: neither while it runs nor after it has completed', async () => {
    const pair = await onePair();
    const workflowId = 'promote-once';
    const handoff = { workflowType: 'promoteStandby', taskQueue, workflowId };
    await completed(await approved({ pair: pair.name, handoff }));
    const promoting = promotion(workflowId);

    const taken = { code: 'HANDOFF_ID_TAKEN', sequence: null };
    const next = await stage.start({ pair: pair.name, handoff, approval: { recheckEvery: '1 second' } });
    expect(await next.atGate()).toMatchObject({
      gate: { state: 'blocked', blockedBy: [taken] },
      findings: expect.arrayContaining([
        expect.objectContaining({
          ...taken,
          message: expect.stringContaining('is running under it') as string,
        }),
      ]) as unknown,
    });
    expect(
      await next.decide(...json({ decision: 'approve', by: 'alice', accept: ['HANDOFF_ID_TAKEN'] })),
    ).toMatchObject({
      stands: false,
      error: expect.stringContaining('nobody can accept, since the promotion could not be started') as string,
    });
    await promoting.signal('finish');
    await completed(promoting);
    await next.until('the promotion has completed', ({ findings }) =>
      findings.some(({ code, message }) => code === taken.code && message.includes('has completed under it')),
    );
    // As the remedy says.
    await stage.cli.attempt('workflow', 'delete', '--workflow-id', workflowId, '--yes');
    await next.until('the ID is free', ({ gate }) => gate?.state === 'open');
    await next.signal('approve', ...json({ by: 'alice' }));
    await completed(next);
    await promoting.signal('finish');
  });

  it('runs again after it has failed', async () => {
    const pair = await onePair();
    const workflowId = 'promote-again';
    const handoff = { workflowType: 'promoteStandby', taskQueue, workflowId };
    await completed(await approved({ pair: pair.name, handoff, ticket: 'CHG-FAILS' }));
    const promoting = promotion(workflowId);
    expect(await promoting.ending()).toMatchObject({ status: 'FAILED', message: 'the promotion went wrong' });
    expect(await completed(await approved({ pair: pair.name, handoff }))).toMatchObject({
      outcome: 'handed-off',
    });
    await promoting.signal('finish');
    expect(await completed(promoting)).toMatchObject({ outcome: 'handed-off', ticket: null });
  });
});

describe('a task queue that nobody polls', () => {
  const handoff = { workflowType: 'promoteStandby', taskQueue: 'deserted "queue"' };
  const block = { code: 'HANDOFF_NO_WORKER', sequence: null };

  it('blocks the gate until it is accepted by name', async () => {
    const pair = await onePair();
    const run = await stage.start({
      pair: pair.name,
      handoff: { ...handoff, workflowId: 'promote-deserted' },
    });
    const status = await run.atGate();
    expect(status).toMatchObject({ gate: { state: 'blocked', blockedBy: [block] } });
    expect(status.findings.find(({ code }) => code === block.code)).toMatchObject({
      message: expect.stringContaining('deserted "queue"') as string,
      remedy: expect.stringContaining('temporal task-queue describe') as string,
    });
    expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({ stands: false });
    await run.signal('approve', ...json({ by: 'alice', accept: ['HANDOFF_NO_WORKER'] }));
    expect(await completed(run)).toMatchObject({
      outcome: 'handed-off',
      gate: { approvals: [{ accept: ['HANDOFF_NO_WORKER'] }] },
    });
    // Accepted by Temporal, whoever may come for it.
    expect(await promotion('promote-deserted').describe()).toMatchObject({
      workflowExecutionInfo: { status: 'WORKFLOW_EXECUTION_STATUS_RUNNING' },
    });
  });

  it('no longer blocks once a worker has come', async () => {
    const pair = await onePair();
    const late = { ...handoff, taskQueue: 'late', workflowId: 'promote-late' };
    const run = await stage.start({ pair: pair.name, handoff: late, approval: { recheckEvery: '1 second' } });
    expect((await run.atGate()).gate).toMatchObject({ state: 'blocked', blockedBy: [block] });
    const worker = await startPromotionWorker(stage.cli.address, 'late');
    onTestFinished(() => worker.stop());
    await run.until('the gate is open', ({ gate }) => gate?.state === 'open');
    await run.signal('approve', ...json({ by: 'alice' }));
    await completed(run);
    await promotion('promote-late').signal('finish');
  });
});

it("refuses an ID that would be taken for a pair's lock", async () => {
  const handoff = { workflowType: 'promoteStandby', taskQueue, workflowId: 'sequence-failover/lock/orders' };
  expect(await failed(await stage.start({ handoff }))).toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(
      /handoff\.workflowId: found "sequence-failover\/lock\/orders"; expected an ID that does not begin with "sequence-failover\/"/,
    ) as string,
  });
});

describe('a hook before the handoff', () => {
  const hook = (workflowType: string, more: object = {}) => ({
    beforeHandoff: { workflowType, taskQueue, ...more },
  });

  it('vetoes the handoff with its reason; the sequences keep their values', async () => {
    const pair = await onePair();
    const run = await approved({ pair: pair.name, hooks: hook('vetoSwitch') });
    expect(await failed(run)).toMatchObject({
      type: 'Vetoed',
      // The command asks the hook again, too.
      message: `vetoSwitch (hooks.beforeHandoff) vetoed the handoff: ${pair.name} has a backup that runs; nothing was handed off, and the sequences that were set stay set; start a new run when the cause is gone: temporal workflow start --type sequenceFailover --task-queue sequence-failover --fail-existing --workflow-id ${run.workflowId} --input '${JSON.stringify({ pair: pair.name, hooks: { beforeHandoff: { ...hook('vetoSwitch').beforeHandoff, timeout: '5 minutes' } } })}'`,
      details: { gate: { state: 'approved' }, checklist: [{}, {}, {}, {}, { done: false }] },
    });
    expect(await pair.standby.positions()).toEqual({ 'public.invoices': ['10000', true] });
  });

  it('is told what is handed off, and lets it happen', async () => {
    const pair = await onePair();
    const run = await approved({
      pair: pair.name,
      ticket: 'CHG-1',
      hooks: hook('holdSwitch', { input: [1] }),
    });
    const asked = promotion(`${run.workflowId}/before-handoff`);
    await asked.begun();
    await asked.signal('finish');
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    expect((await asked.ending()) as unknown).toMatchObject({
      result: {
        ...{ purpose: 'before-handoff', pair: pair.name, ticket: 'CHG-1', input: [1], counts: { total: 1 } },
        ...{ approvals: [{ by: 'alice' }], run: { workflowId: run.workflowId } },
      },
    });
  });

  it.each([
    ['without a promotion', {}],
    ['with one', { handoff: { workflowType: 'promoteStandby', taskQueue } }],
  ])('blocks the gate while no worker polls its task queue, %s', async (_, more) => {
    const pair = await onePair();
    const hooks = hook('holdSwitch', { taskQueue: 'deserted hooks' });
    const run = await stage.start({ pair: pair.name, hooks, ...more });
    const { gate, findings } = await run.atGate();
    expect(gate).toMatchObject({
      state: 'blocked',
      blockedBy: [{ code: 'HANDOFF_NO_WORKER', sequence: null }],
    });
    expect(findings.find(({ code }) => code === 'HANDOFF_NO_WORKER')?.message).toMatch(
      /^no worker polls the task queue deserted hooks, so hooks\.beforeHandoff/,
    );
    await run.signal('reject', ...json({ by: 'bob', reason: 'no hook' }));
    await failed(run);
  });

  it('counts no answer in time as a veto, and a rejection meanwhile ends the run', async () => {
    const pair = await onePair();
    const silent = await approved({ pair: pair.name, hooks: hook('holdSwitch', { timeout: '1 second' }) });
    expect(await failed(silent)).toMatchObject({
      type: 'Vetoed',
      message: expect.stringContaining('gave no answer within 1 second') as string,
    });
    const run = await approved({ pair: pair.name, hooks: hook('holdSwitch') });
    const asked = promotion(`${run.workflowId}/before-handoff`);
    await asked.begun();
    await run.signal('reject', ...json({ by: 'bob', reason: 'called off' }));
    expect(await failed(run)).toMatchObject({ type: 'Rejected' });
  });

  it('may take long: everything is verified once more before the handoff', async () => {
    const pair = await onePair();
    const run = await approved({ pair: pair.name, hooks: hook('holdSwitch') });
    const asked = promotion(`${run.workflowId}/before-handoff`);
    await asked.begun();
    await pair.primary.sql("SELECT setval('invoices', 50000)");
    await delay(6_000);
    await asked.signal('finish');
    expect(await completed(run)).toMatchObject({
      outcome: 'handed-off',
      minimumHeadroom: { calls: '10000' },
    });
    expect(await pair.standby.positions()).toEqual({ 'public.invoices': ['60000', true] });
  });
});
