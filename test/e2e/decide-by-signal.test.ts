import { expect, it } from 'vitest';
import { stageWithOperators } from './promotion/operators.js';
import { commandWith } from './stage/command.js';
import { json } from './stage/payloads.js';
import type { Stage } from './stage/stage.js';
import { WorkflowRun } from './stage/workflow-run.js';

let stage: Stage;
stageWithOperators((started) => {
  stage = started;
});

const { command } = commandWith(() => stage.workerSettings);
const schema = 'CREATE TABLE orders (id serial PRIMARY KEY)';
const because = ['--by', 'bob', '--reason', 'not tonight'];

/** The types of the events by which somebody has decided. */
async function decisionsOf(workflowId: string): Promise<string[]> {
  const { events } = await new WorkflowRun(stage.cli, workflowId).history();
  return events
    .map(({ eventType }) => eventType.replace('EVENT_TYPE_WORKFLOW_EXECUTION_', ''))
    .filter((type) => type === 'SIGNALED' || type.startsWith('UPDATE_'));
}

it('a run is approved by a signal, which is answered as an update is', async () => {
  const pair = await stage.pair(schema);
  const workflowId = `failover-${pair.name}`;
  expect(await command('start', '--pair', pair.name, '--approver', 'alice')).toMatchObject({ code: 0 });
  const approve = ['approve', workflowId, '--signal', '--yes'];
  expect(await command(...approve, '--by', 'bob')).toMatchObject({
    ...{ code: 1, stderr: expect.stringMatching(/^Refused: .*bob/mu) as string },
  });
  // The same message again is refused again.
  expect(await command(...approve, '--by', ' bob ')).toMatchObject({ code: 1 });
  const approved = await command(...approve, '--by', 'alice', '--show-temporal');
  expect(approved).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Completed/u) as string });
  expect(approved.stderr).toContain(`temporal workflow signal --workflow-id ${workflowId} --name approve`);
  expect(await decisionsOf(workflowId)).toEqual(['SIGNALED', 'SIGNALED', 'SIGNALED']);
});

it('a run is rejected by a signal', async () => {
  const pair = await stage.pair(schema);
  const workflowId = `failover-${pair.name}`;
  expect(await command('start', '--pair', pair.name)).toMatchObject({ code: 0 });
  expect(await command('reject', workflowId, ...because, '--signal')).toMatchObject({ code: 3 });
  expect(await decisionsOf(workflowId)).toEqual(['SIGNALED']);
});

it('a fleet is approved by a signal', async () => {
  const pairs = [await stage.pair(schema), await stage.pair(schema)].map(({ name }) => name);
  const fleet = new WorkflowRun(stage.cli, 'evacuate');
  await stage.cli.json(
    ...['workflow', 'start', '--type', 'fleetFailover', '--task-queue', 'sequence-failover'],
    ...['--workflow-id', fleet.workflowId, ...json({ pairs })],
  );
  await expect
    .poll(async () => (await fleet.ask<{ gate: { state: string } | null }>('status')).gate?.state)
    .toBe('open');
  const approve = ['approve', fleet.workflowId, '--by', 'alice', '--signal', '--yes'];
  expect(await command(...approve, '--pair', 'nobody')).toMatchObject({
    ...{ code: 1, stderr: expect.stringMatching(/^Refused: .*nobody/mu) as string },
  });
  const approved = await command(...approve);
  expect(approved).toMatchObject({ code: 0 });
  expect(approved.stderr).toContain('Approved: the decision goes to 2 pairs');
});

it('a promotion is rejected by a signal until it has switched', async () => {
  const pair = await stage.pair(schema);
  await pair.subscribe();
  const workflowId = `promote-${pair.name}`;
  const beforeSwitch = { workflowType: 'holdSwitch', taskQueue: 'operators' };
  const promotion = new WorkflowRun(stage.cli, workflowId);
  await stage.cli.json(
    ...['workflow', 'start', '--type', 'promoteStandby', '--task-queue', 'sequence-failover'],
    ...['--workflow-id', workflowId, ...json({ pair: pair.name, outageBudget: '1 hour', beforeSwitch })],
  );
  await promotion.begun();
  expect(await command('reject', workflowId, ...because, '--signal')).toMatchObject({
    ...{ code: 3, stdout: expect.stringContaining('Rejected') as string },
  });
  expect(await command('reject', workflowId, ...because, '--signal')).toMatchObject({ code: 3 });
});
