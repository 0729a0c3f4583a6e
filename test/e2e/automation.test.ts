import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandScript } from './stage/command.js';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { PageBlocks } from '../pages/page-blocks.js';
import { Stage } from './stage/stage.js';
import type { CommandResult } from './stage/temporal-cli.js';
import { WorkflowRun } from './stage/workflow-run.js';

/** The examples of the page, as they are printed, on an address that is not the default. */
const page = new PageBlocks('docs/how-to/automate-approval.md');

/** With the package temporalio; PYTHON names another. */
const python = process.env['PYTHON'] ?? 'python3';
const hasTemporalio = await promisify(execFile)(python, ['-c', 'import temporalio']).then(
  () => true,
  () => false,
);

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await Stage.start();
  folder = mkdtempSync(path.join(tmpdir(), 'sequence-failover-automation-'));
  symlinkSync(stage.cli.program, path.join(folder, 'temporal'));
  writeFileSync(path.join(folder, 'sequence-failover'), commandScript, { mode: 0o755 });
  writeFileSync(path.join(folder, 'failover.sh'), page.take('#!/bin/sh'));
  writeFileSync(path.join(folder, 'failover.py'), page.take('import asyncio'));
});
afterAll(async () => {
  await stage.stop();
  rmSync(folder, { recursive: true });
});

function run(command: string, args: string[], more: Record<string, string> = {}): Promise<CommandResult> {
  const env = {
    ...{ PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: '/nonexistent' },
    ...{ TEMPORAL_ADDRESS: stage.cli.address, ...more },
  };
  return new Promise((resolve) => {
    execFile(command, args, { env, cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the shell script', () => {
  it('hands off if nothing blocks', async () => {
    const pair = await stage.pair('CREATE SEQUENCE invoices');
    const command = page.take('sh failover.sh').replace('"orders"', `"${pair.name}"`);
    const answer = await run('sh', ['-c', command]);
    expect(answer).toMatchObject({ code: 0, stdout: `failover-orders: handed off\n` });
    // A job that is run again by mistake.
    const again = await run('sh', ['-c', command]);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('finished successfully');
  });

  it('ends with the reason and the remedy if the gate is blocked', async () => {
    const pair = await stage.pair();
    await pair.primary.sql('CREATE SEQUENCE orders');
    const workflowId = `blocked-${pair.name}`;
    const answer = await run('sh', ['failover.sh', workflowId, JSON.stringify({ pair: pair.name })]);
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(answer.stderr).toMatch(
      /the gate is blocked\n.*\nMISSING_ON_STANDBY: .*\n {2}-> .*CREATE SEQUENCE/u,
    );
    // The command that goes on with the run works as it is printed, with a name.
    await pair.standby.sql('CREATE SEQUENCE orders');
    const [, resynchronize = ''] = /^Fix what blocks, then: (.*)$/mu.exec(answer.stderr) ?? [];
    expect(await run('sh', ['-c', resynchronize.replace('<your name>', 'alice')])).toMatchObject({ code: 0 });
    await new WorkflowRun(stage.cli, workflowId).until(
      'the gate opens',
      ({ gate }) => gate?.state === 'open',
    );
    // So that another run can begin.
    const reject = page.take('sequence-failover reject').replace('failover-orders', workflowId);
    expect(await run('sh', ['-c', reject])).toMatchObject({ code: 3 });
  });

  it('ends with the reason of a run that failed', async () => {
    const answer = await run('sh', ['failover.sh', 'failed-run', '{"pair": "nowhere"}']);
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toMatch(/ended before the approval\nInvalidInput: .*pair/u);
  });

  it('gives up in time if no worker answers', async () => {
    await stage.stopWorker();
    onTestFinished(() => stage.restartWorker());
    const answer = await run('sh', ['failover.sh', 'no-worker', '{"pair": "nowhere"}', '3']);
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(answer.stderr).toContain('no-worker: gave up, since no worker answers.');
    await new WorkflowRun(stage.cli, 'no-worker').terminate();
  });
});

it('the job of GitHub Actions runs the script with the inputs as variables', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  interface Step {
    run?: string;
    env?: Record<string, string>;
  }
  const { jobs } = parse(page.take('name: failover')) as { jobs: { failover: { steps: Step[] } } };
  const step = jobs.failover.steps.find((one) => one.run !== undefined);
  expect(step?.env).toEqual({ PAIR: '${{ inputs.pair }}', TICKET: '${{ inputs.ticket }}' });
  expect(step?.run).not.toContain('${{');
  const answer = await run('bash', ['-e', '-c', step?.run ?? ''], { PAIR: pair.name, TICKET: "CHG-1'" });
  expect(answer).toMatchObject({ code: 0, stdout: `failover-${pair.name}-CHG-1': handed off\n` });
});

it.skipIf(!hasTemporalio)("Python's temporalio starts a run, or joins it, and approves", async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const started = await run(python, ['failover.py', `python-${pair.name}`, pair.name]);
  expect(started).toMatchObject({ code: 0 });
  expect(started.stdout).toMatch(/'state': 'approved'.*\nhanded-off\n$/u);
  // It has ended: no second failover begins.
  const again = await run(python, ['failover.py', `python-${pair.name}`, pair.name]);
  expect(again).toMatchObject({
    code: 1,
    stderr: `python-${pair.name}: it has ended already: handed-off\n`,
  });
  const failed = await run(python, ['failover.py', 'python-nowhere', 'nowhere']);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^python-nowhere: .*no pair.*nowhere/u);
  // An interpreter that is aborted at its end would fail now and then.
  const many = Array.from({ length: 8 }, () => run(python, ['failover.py', 'python-nowhere', 'nowhere']));
  expect((await Promise.all(many)).map(({ code }) => code)).toEqual(Array.from({ length: 8 }, () => 1));
});

it.skipIf(!hasTemporalio)("Python's temporalio gives up in time, and says why it failed", async () => {
  const unreachable = await run(python, ['failover.py', 'python-x', 'x'], {
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  expect(unreachable).toMatchObject({ code: 1, stdout: '' });
  expect(unreachable.stderr).toMatch(/^python-x: .*(?:refused|connect)/iu);
  await stage.stopWorker();
  onTestFinished(() => stage.restartWorker());
  expect(await run(python, ['failover.py', 'python-idle', 'idle', '3'])).toEqual({
    ...{ code: 1, stdout: '' },
    stderr: 'python-idle: no end within 3 seconds, and it goes on: sequence-failover status python-idle\n',
  });
  await new WorkflowRun(stage.cli, 'python-idle').terminate();
});

it('one call of the temporal command joins a run at its gate, and approves', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const workflowId = `joined-${pair.name}`;
  const waiting = await stage.start({ pair: pair.name }, { workflowId });
  await waiting.atGate();
  const command = page
    .take('temporal workflow execute-update-with-start')
    .replace('failover-orders', workflowId)
    .replace('"orders"', `"${pair.name}"`);
  const answer = await run('sh', ['-c', command]);
  expect(answer).toMatchObject({ code: 0 });
  expect((await waiting.ending()).status).toBe('COMPLETED');
});

it('no example of the page is left out', () => {
  page.expectAllRun();
});
