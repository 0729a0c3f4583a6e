import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage } from '../stage/stage.js';
import { completed, WorkflowRun } from '../stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

/** Starts a run whose input is longer than an argument of a command may be. It continues as new after a few events. */
async function start(workflowId: string, input: object): Promise<WorkflowRun> {
  await stage.cli.client().workflow.start('sequenceFailover', {
    ...{ workflowId, taskQueue: 'sequence-failover', args: [input] },
    memo: { continueAsNewAfterEvents: 100 },
  });
  return new WorkflowRun(stage.cli, workflowId);
}

/** As many signals as the server takes for one run (history.maximumSignalsPerExecution). */
const SIGNALS = 10_000;

it(`takes ${SIGNALS} signals that came while no worker ran, of which the last ones approve`, async () => {
  const [pair, other] = await Promise.all([
    stage.pair('CREATE SEQUENCE invoices'),
    stage.pair('CREATE SEQUENCE invoices'),
  ]);
  const run = await stage.start({ pair: pair.name, approval: { required: 2 } });
  await run.atGate();
  await stage.stopWorker();
  const handle = stage.cli.client().workflow.getHandle(run.workflowId);
  for (let sent = 0; sent < SIGNALS - 2; sent += 2_500)
    await Promise.all(
      Array.from({ length: Math.min(2_500, SIGNALS - 2 - sent) }, (_, index) =>
        handle.signal('approve', { by: 'eve', accept: [`s${sent + index}`] }),
      ),
    );
  await handle.signal('approve', { by: 'alice' });
  await handle.signal('approve', { by: 'bob' });
  const neighbour = await stage.start({ pair: other.name });
  await stage.restartWorker();
  await neighbour.atGate();
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    gate: { refusedCount: SIGNALS - 2, approvals: [{ by: 'alice' }, { by: 'bob' }] },
  });
});

/** 60 bytes of UTF-8 with a number. */
const longName = (index: number) => `${'😀'.repeat(14)}${String(index).padStart(4, '0')}`;

it('takes 199 names from each of 20 approvers, and carries them from run to run', async () => {
  const names = Array.from({ length: 199 }, (_, index) => longName(index));
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  for (const name of names) await pair.primary.sql(`CREATE SEQUENCE "${name}"`);
  const run = await start('approvers', {
    pair: pair.name,
    approval: { required: 20, recheckEvery: '1 second' },
  });
  const { gate } = await run.atGate();
  expect(gate?.blockedBy).toHaveLength(199);
  const accept = gate?.blockedBy.map(({ sequence }) => sequence ?? '') ?? [];
  const handle = stage.cli.client().workflow.getHandle(run.workflowId);
  for (let approver = 1; approver < 20; approver += 1)
    expect(
      await handle.executeUpdate('decide', {
        args: [{ decision: 'approve', by: `approver ${approver}`, accept }],
      }),
    ).toMatchObject({ approvals: approver, required: 20 });
  await run.until('it waits as a new run', async () => (await run.runs()).length > 1);
  const status = await run.status();
  expect(status.gate?.approvals).toHaveLength(19);
  for (const approval of status.gate?.approvals ?? []) expect(approval.accept).toHaveLength(199);
  await handle.signal('approve', { by: 'approver 20', accept });
  const result = await completed(run);
  expect(result).toMatchObject({ outcome: 'handed-off', counts: { failed: 199, total: 200 } });
  expect(result.gate?.approvals).toHaveLength(20);
  const recorded = await pair.standby.sql<{ count: number }>(
    `SELECT jsonb_array_length(approvals)::int AS count FROM sequence_failover.runs WHERE workflow_id = 'approvers'`,
  );
  expect(recorded).toEqual([{ count: 20 }]);
});

it('takes 1,440 patterns of four-byte characters that match nothing, and carries them from run to run', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const patterns = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => `${'😀'.repeat(20)}.${'😀'.repeat(23)}${from + index}`);
  const input = {
    pair: pair.name,
    include: ['public.*', ...patterns(0, 499)],
    exclude: patterns(1_000, 500),
    overrides: patterns(2_000, 441).map((match) => ({ match, rows: 'ignore' })),
    approval: { recheckEvery: '1 second' },
  };
  const run = await start('patterns', input);
  const status = await run.atGate();
  expect(status.gate?.blockedBy).toEqual([{ code: 'PATTERN_UNMATCHED', sequence: null }]);
  expect(status.findings).toMatchObject([{ code: 'PATTERN_UNMATCHED', count: 1_440 }, {}]);
  await run.until('it waits as a new run', async () => (await run.runs()).length > 1);
  expect((await run.status()).gate?.blockedBy).toEqual(status.gate?.blockedBy);
  await stage.cli
    .client()
    .workflow.getHandle(run.workflowId)
    .signal('approve', { by: 'alice', accept: ['PATTERN_UNMATCHED'] });
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  expect(await pair.standby.nextval('invoices')).toBe('10001');
});
