import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { WorkflowRun } from './stage/workflow-run.js';

/** The examples of docs/how-to/automate-approval.md, as they are printed, on an address that is not the default. */
const pages = path.resolve(import.meta.dirname, '../../docs/how-to');
const automation = readFileSync(path.join(pages, 'automate-approval.md'), 'utf8');

function example(language: string, start: string, page = automation): string {
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gmu)];
  const found = blocks.find(([, of, text = '']) => of === language && text.startsWith(start));
  if (found?.[2] === undefined) throw new Error(`the page has no ${language} that begins with ${start}`);
  return found[2];
}

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
  writeFileSync(path.join(folder, 'failover.sh'), example('sh', '#!/bin/sh'));
  writeFileSync(path.join(folder, 'failover.py'), example('python', 'import asyncio'));
});
afterAll(async () => {
  await stage.stop();
  rmSync(folder, { recursive: true });
});

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

function run(command: string, args: string[], more: Record<string, string> = {}): Promise<Answer> {
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
    const answer = await run('sh', [
      'failover.sh',
      `shell-${pair.name}`,
      JSON.stringify({ pair: pair.name }),
    ]);
    expect(answer).toMatchObject({ code: 0, stdout: `shell-${pair.name}: handed off\n` });
  });

  it('ends with the reason and the remedy if the gate is blocked', async () => {
    const pair = await stage.pair();
    await pair.primary.sql('CREATE SEQUENCE orders');
    const workflowId = `blocked-${pair.name}`;
    const answer = await run('sh', ['failover.sh', workflowId, JSON.stringify({ pair: pair.name })]);
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toMatch(
      /the gate is blocked\n.*\nMISSING_ON_STANDBY: .*\n {2}-> .*CREATE SEQUENCE/u,
    );
    await new WorkflowRun(stage.cli, workflowId).terminate();
  });

  it('ends with the reason of a run that failed', async () => {
    const answer = await run('sh', ['failover.sh', 'failed-run', '{"pair": "nowhere"}']);
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toMatch(/ended before the approval\nInvalidInput: .*pair/u);
  });

  it('gives up in time if no worker answers', async () => {
    await stage.stopWorker();
    const answer = await run('sh', ['failover.sh', 'no-worker', '{"pair": "nowhere"}', '3']);
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toContain('gave up');
    await new WorkflowRun(stage.cli, 'no-worker').terminate();
    await stage.restartWorker();
  });
});

it('the job of GitHub Actions runs the script with the inputs as variables', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  interface Step {
    run?: string;
    env?: Record<string, string>;
  }
  const { jobs } = parse(example('yaml', 'name: failover')) as { jobs: { failover: { steps: Step[] } } };
  const step = jobs.failover.steps.find((one) => one.run !== undefined);
  expect(step?.env).toEqual({ PAIR: '${{ inputs.pair }}', TICKET: '${{ inputs.ticket }}' });
  expect(step?.run).not.toContain('${{');
  const answer = await run('bash', ['-e', '-c', step?.run ?? ''], { PAIR: pair.name, TICKET: "CHG-1'" });
  expect(answer).toMatchObject({ code: 0, stdout: `failover-${pair.name}-CHG-1': handed off\n` });
});

it('the promotion worker of the page about the handoff runs as it is printed', async () => {
  const handoff = readFileSync(path.join(pages, 'hand-off-to-promotion.md'), 'utf8');
  const project = path.join(folder, 'promotion');
  mkdirSync(project);
  symlinkSync(path.resolve(import.meta.dirname, '../../node_modules'), path.join(project, 'node_modules'));
  writeFileSync(path.join(project, 'package.json'), '{"type": "module"}');
  writeFileSync(path.join(project, 'workflows.js'), example('js', 'import { ApplicationFailure', handoff));
  writeFileSync(path.join(project, 'worker.js'), example('js', 'import { fileURLToPath', handoff));

  const pair = await stage.pair('CREATE TABLE orders (id serial PRIMARY KEY)');
  await pair.primary.sql('CREATE ROLE shop_app LOGIN');
  onTestFinished(() => pair.primary.sql('DROP ROLE shop_app').then(() => undefined));
  await pair.subscribe();
  // As the page names it.
  const [subscription] = await pair.standby.sql<{ name: string }>(
    'SELECT quote_ident(subname) AS name FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())',
  );
  const name = subscription?.name ?? '';
  await pair.standby.sql(`ALTER SUBSCRIPTION ${name} RENAME TO failover`);
  onTestFinished(async () => {
    await pair.standby.sql(`ALTER SUBSCRIPTION failover RENAME TO ${name}`);
  });
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', TEMPORAL_ADDRESS: stage.cli.address };
  const worker = spawn(process.execPath, ['worker.js'], {
    ...{ cwd: project, stdio: 'ignore' },
    env: { ...env, PRIMARY_URL: pair.primaryUrl, STANDBY_URL: pair.standbyUrl },
  });
  onTestFinished(() => void worker.kill());

  const workflowId = `promote-${pair.name}`;
  const target = { workflowType: 'promoteStandby', taskQueue: 'promotion', workflowId };
  const failover = await stage.start({
    pair: pair.name,
    handoff: target,
    approval: { recheckEvery: '1 second' },
  });
  await failover.until('the promotion worker polls', ({ gate }) => gate?.state === 'open');
  await failover.decide(...json({ decision: 'approve', by: 'alice' }));
  expect((await failover.ending()).status).toBe('COMPLETED');
  const promotion = new WorkflowRun(stage.cli, workflowId);
  expect(await promotion.ending()).toMatchObject({ result: { approvedBy: ['alice'], pair: pair.name } });
  const [role] = await pair.primary.sql("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop_app'");
  expect(role).toEqual({ rolcanlogin: false });
});

it.skipIf(!hasTemporalio)("Python's temporalio starts a run, or joins it, and approves", async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const started = await run(python, ['failover.py', `python-${pair.name}`, pair.name]);
  expect(started).toMatchObject({ code: 0 });
  expect(started.stdout).toMatch(/'state': 'approved'.*\nhanded-off\n$/u);
  // It has ended: no second failover begins.
  const again = await run(python, ['failover.py', `python-${pair.name}`, pair.name]);
  expect(again.code).not.toBe(0);
});

it('one call of the temporal command joins a run at its gate, and approves', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const workflowId = `joined-${pair.name}`;
  const waiting = await stage.start({ pair: pair.name }, { workflowId });
  await waiting.atGate();
  const command = example('sh', 'temporal workflow execute-update-with-start')
    .replace('failover-orders', workflowId)
    .replace('"orders"', `"${pair.name}"`);
  const answer = await run('sh', ['-c', command]);
  expect(answer).toMatchObject({ code: 0 });
  expect((await waiting.ending()).status).toBe('COMPLETED');
});
