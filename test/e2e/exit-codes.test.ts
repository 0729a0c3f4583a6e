import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Status } from '../../src/contract/status.js';
import { query } from './faults/query.js';
import { commandWith } from './stage/command.js';
import { Stage } from './stage/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

const { begin, command, onTerminal } = commandWith(() => stage.workerSettings);

/** The exit codes of docs/reference/command.md that no other test of the command sees. */
const codeOf = async (...args: string[]) => (await command(...args)).code;

/** A terminal breaks sentences between words. */
const onOneLine = (output: string) => output.replaceAll(/\s*\n\s*/gu, ' ');

const yes = ['--by', 'alice', '--yes'];
const schema = 'CREATE TABLE orders (id serial PRIMARY KEY)';

async function statusOf(workflowId: string): Promise<Status> {
  const { stdout } = await command('status', workflowId, '--output', 'json');
  return (JSON.parse(stdout) as { status: Status }).status;
}

it('approve ends with 2 if a block is not accepted, and nothing was sent', async () => {
  const pair = await stage.pair(schema);
  await pair.primary.sql('CREATE SEQUENCE invoices');
  const workflowId = `failover-${pair.name}`;
  expect(await codeOf('start', '--pair', pair.name)).toBe(2);
  const blocked = await command('approve', workflowId, ...yes);
  expect(blocked).toMatchObject({ code: 2, stdout: expect.stringContaining('Nothing was sent') as string });
  expect((await statusOf(workflowId)).gate).toMatchObject({
    ...{ state: 'blocked', approvals: [], refused: [], refusedCount: 0 },
  });
  expect(await codeOf('resynchronize', workflowId, '--by', 'alice')).toBe(2);
  expect(await codeOf('approve', workflowId, ...yes, '--accept', 'public.invoices')).toBe(0);
  // It has been handed off.
  expect(await codeOf('reject', workflowId, '--by', 'bob', '--reason', 'too late')).toBe(1);
  expect(await codeOf('resynchronize', workflowId, '--by', 'bob')).toBe(1);
});

it('approve ends with 2 if the verification after it finds a block, and the gate is blocked again', async () => {
  const pair = await stage.pair(schema);
  const workflowId = `failover-${pair.name}`;
  expect(await codeOf('start', '--pair', pair.name)).toBe(0);
  await pair.primary.sql('CREATE SEQUENCE invoices');
  const late = await command('approve', workflowId, ...yes);
  expect(late).toMatchObject({ code: 2, stdout: expect.stringContaining('public.invoices') as string });
  expect((await statusOf(workflowId)).gate).toMatchObject({
    ...{ state: 'blocked', approvals: [] },
    refused: [{ kind: 'approve', by: 'alice' }],
  });
  expect(await codeOf('reject', workflowId, '--by', 'alice', '--reason', 'not tonight', '--no-wait')).toBe(0);
});

it('whoever waits for a run that is rejected ends with 3, and who comes later is told so', async () => {
  const pair = await stage.pair(schema);
  const workflowId = `failover-${pair.name}`;
  const waiting = begin('start', '--pair', pair.name, '--wait');
  await expect.poll(async () => (await statusOf(workflowId)).gate?.state, { timeout: 120_000 }).toBe('open');
  expect(await codeOf('reject', workflowId, '--by', 'alice', '--reason', 'not tonight')).toBe(3);
  expect((await waiting.answer).code).toBe(3);
  expect(await codeOf('watch', workflowId)).toBe(3);
  expect(await codeOf('approve', workflowId, ...yes)).toBe(3);
  // It is called off, whoever did it.
  expect(await codeOf('reject', workflowId, '--by', 'bob', '--reason', 'me too')).toBe(3);
});

it('a promotion whose primary cannot be reached says how to go on without it', async () => {
  const pair = await stage.pair(schema);
  const allow = (allowed: boolean) =>
    query(
      new URL('/postgres', pair.primaryUrl).href,
      `ALTER DATABASE ${pair.name} ALLOW_CONNECTIONS ${String(allowed)}`,
    );
  await allow(false);
  onTestFinished(async () => {
    await allow(true);
  });
  const { code, stdout } = await command('promote', '--pair', pair.name, '--ticket', 'CHG-1', '--yes');
  expect(code).toBe(2);
  expect(stdout.replace(/\n(?! {2}sequence-failover)/gu, ' ')).toContain(
    `nothing has to be undone; if the primary is gone for good, start a run without it, and then promote by hand as docs/how-to/after-the-failover.md says:\n  sequence-failover start --workflow-id promote-${pair.name}-lost --input '{"pair":"${pair.name}","primary":"lost","ticket":"CHG-1"}'`,
  );
  expect(stdout).toContain(`sequence-failover promote --pair ${pair.name} --ticket CHG-1\n`);
});

it('a pair that is not ready ends start, watch and promote with 2, and a run that is cancelled ends watch with 1', async () => {
  const pair = await stage.pair(schema);
  const workflowId = `failover-${pair.name}`;
  expect(await command('promote', '--pair', pair.name, '--rehearse')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining(
      `Next: fix what is named above, then start again: sequence-failover promote --pair ${pair.name} --rehearse\n`,
    ) as string,
  });
  expect(await codeOf('start', '--pair', pair.name)).toBe(0);
  const watching = begin('watch', workflowId);
  const input = '{"exclude":["scratch.*"]}';
  const second = ['start', '--pair', pair.name, '--workflow-id', 'second', '--input', input];
  const again = `Next: fix what is named above, then start it again: sequence-failover start --pair ${pair.name} --workflow-id second --input '${input}'\n`;
  expect(await command(...second)).toMatchObject({
    code: 2,
    stdout: expect.stringContaining(again) as string,
  });
  expect((await command('status', 'second')).stdout).toContain(again);
  expect(await codeOf('watch', 'second')).toBe(2);
  await stage.cli.attempt('workflow', 'cancel', '--workflow-id', workflowId);
  expect((await watching.answer).code).toBe(1);
});

it.each([
  [['status', ''], '<workflow-id> is empty. Is a variable of the script not set?'],
  [['start', '--workflow-id', ''], '--workflow-id is empty. Is a variable of the script not set?'],
  [
    ['report', 'x', 'y'],
    'y is no run ID. List those of the workflow: temporal workflow list --query \'WorkflowId="x"\'',
  ],
  [
    ['report', '--file', '/nowhere'],
    "--file: /nowhere cannot be read: ENOENT: no such file or directory, open '/nowhere'",
  ],
  [
    ['setup', '--interval', '5 minutes', '--pair', 'a'],
    '--interval, --pair: only with --schedule. Add it, or leave this out',
  ],
])('%j is wrong usage, and the message says what to do', async (args, message) => {
  expect(await command(...args)).toMatchObject({ code: 4, stdout: '', stderr: `${message}\n` });
});

it('a check that fails before it has findings says why, and the next step', async () => {
  const pair = await stage.pair(schema);
  await pair.subscribe();
  const { code, stdout } = await command('check', '--pair', `reversed:${pair.name}`);
  expect(code).toBe(2);
  expect(stdout).toMatch(/^Not ready\nthe roles look swapped: /u);
  expect(stdout).toMatch(/\n\nNext: fix what is named above, then check again\n$/u);
});

it('a command that waits ends with 124 after --timeout, and the workflow goes on', async () => {
  const pair = await stage.pair(schema);
  const workflowId = `failover-${pair.name}`;
  const goesOn = `${workflowId} has not ended after --timeout 3, and goes on. Go on waiting: sequence-failover watch ${workflowId}\n`;
  expect(await command('start', '--pair', pair.name, '--wait', '--timeout', '3')).toMatchObject({
    ...{ code: 124, stdout: goesOn },
  });
  await expect.poll(async () => (await statusOf(workflowId)).gate?.state, { timeout: 120_000 }).toBe('open');
  const json = await command('watch', workflowId, '--timeout', '5 seconds', '--output', 'json');
  expect(json.code).toBe(124);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ...{ workflowId, state: 'open', timedOut: true, status: { gate: { state: 'open' } } },
  });
  const onScreen = onTerminal(`watch ${workflowId} --timeout 3`);
  const { code, output } = await onScreen.answer;
  expect(code).toBe(124);
  // The last screen stays.
  expect(onOneLine(output)).toContain(goesOn.trim());
  expect((await statusOf(workflowId)).gate?.state).toBe('open');
  expect(await codeOf('watch', workflowId, '--timeout', 'soon')).toBe(4);
  expect(await codeOf('approve', workflowId, ...yes, '--timeout', '2 minutes')).toBe(0);
});

it('doctor ends with 0 if everything is in place, and every command with 1 if Temporal cannot be reached', async () => {
  const pair = await stage.pair(schema);
  const own = { PRIMARY_URL: pair.primary.url, STANDBY_URL: pair.standby.url, PAIRS_FILE: '' };
  const here = commandWith(() => ({ ...stage.workerSettings, ...own }));
  expect(await here.command('doctor')).toMatchObject({ code: 0 });
  const nowhere = commandWith(() => ({ ...stage.workerSettings, TEMPORAL_ADDRESS: '127.0.0.1:1' }));
  const commands = [['check'], ['plan'], ['start'], ['status', 'x'], ['watch', 'x'], ['list'], ['setup']];
  const decisions = [
    ['approve', 'x', ...yes],
    ['reject', 'x', '--by', 'a', '--reason', 'b'],
    ['promote', '--yes'],
  ];
  const records = [
    ['report', 'x'],
    ['export', 'x'],
    ['resynchronize', 'x', '--by', 'a'],
  ];
  // Each waits for ten seconds. As processes of their own, which are all that a script sees of a command.
  const answers = await Promise.all(
    [...commands, ...decisions, ...records].map(async (args) => ({
      args,
      ...(await nowhere.begin(...args).answer),
    })),
  );
  for (const { args, code, stderr } of answers)
    expect({ args, code, stderr }).toEqual({
      ...{ args, code: 1 },
      stderr: expect.stringContaining('127.0.0.1:1 cannot be reached') as string,
    });
});

describe('a check or a plan that does not end', () => {
  beforeAll(async () => {
    await stage.stopWorker();
  });
  afterAll(async () => {
    await stage.restartWorker();
  });

  /** The workflow of the command, and how it has ended. */
  const ended = async (pair: string) => {
    const query = `WorkflowId STARTS_WITH 'check-${pair}' OR WorkflowId STARTS_WITH 'plan-${pair}'`;
    const found = await stage.cli.json<{ status: string }[]>('workflow', 'list', '--query', query);
    return found.map(({ status }) => status);
  };

  it.each(['check', 'plan'])('%s gives up in time, and leaves no workflow open', async (name) => {
    const answer = await command(name, '--pair', `idle-${name}`, '--timeout', '2');
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toContain('has not ended within 2 seconds, so it was stopped. It only reads');
    await vi.waitFor(async () => {
      expect(await ended(`idle-${name}`)).toEqual(['WORKFLOW_EXECUTION_STATUS_TERMINATED']);
    }, 120_000);
  });

  it('a start and a decision that no worker answers end with 124, and say what to do', async () => {
    const started = await command('start', '--pair', 'idle-start', '--timeout', '2');
    expect(started).toMatchObject({
      code: 124,
      stdout:
        'failover-idle-start is not at its gate after --timeout 2, and goes on. Go on waiting: sequence-failover watch failover-idle-start\n',
    });
    const approval = ['approve', 'failover-idle-start', '--by', 'alice', '--yes', '--timeout', '2'];
    const approved = await command(...approval, '--accept', 'SLOT_MISSING', '--output', 'json');
    expect(approved.code).toBe(124);
    expect(JSON.parse(approved.stdout)).toEqual({
      ...{ workflowId: 'failover-idle-start', state: 'open', status: null, timedOut: true },
    });
    expect((await command(...approval, '--accept', 'SLOT_MISSING')).stdout).toBe(
      'failover-idle-start is not at its gate after --timeout 2, and goes on. Nothing was sent. Approve again: sequence-failover approve failover-idle-start --by alice --yes --timeout 2 --accept SLOT_MISSING\n',
    );
    for (const [verb, options] of [
      ['reject', ['--reason', 'no']],
      ['resynchronize', []],
    ] as const) {
      const sent = await command(verb, 'failover-idle-start', '--by', 'alice', ...options, '--timeout', '2');
      expect({ verb, ...sent }).toMatchObject({
        ...{ verb, code: 124 },
        stdout:
          'failover-idle-start has not answered after --timeout 2, and goes on. Nothing was sent. If no worker runs, start one: sequence-failover worker\n',
      });
    }
    await stage.cli.attempt('workflow', 'terminate', '--workflow-id', 'failover-idle-start');
  });

  it('an approval of a fleet that no worker answers ends with 124, and sends nothing', async () => {
    const start = [
      '--type',
      'fleetFailover',
      '--task-queue',
      'sequence-failover',
      '--workflow-id',
      'idle-fleet',
    ];
    await stage.cli.attempt('workflow', 'start', ...start, '--input', '{"pairs": ["idle-start"]}');
    const approval = [
      'approve',
      'idle-fleet',
      '--by',
      'alice',
      '--yes',
      '--timeout',
      '2',
      '--output',
      'json',
    ];
    const { code, stdout } = await command(...approval);
    expect(code).toBe(124);
    expect(JSON.parse(stdout)).toEqual({
      ...{ workflowId: 'idle-fleet', state: 'open', status: null, pairs: null, timedOut: true },
    });
    await stage.cli.attempt('workflow', 'terminate', '--workflow-id', 'idle-fleet');
  });

  it('promote asks nevertheless, and says that it does not know the servers', async () => {
    const asked = onTerminal('promote --pair idle-promote');
    await asked.shows('To promote, type the name of the pair: idle-promote');
    asked.type('\u0003');
    const { code, output } = await asked.answer;
    expect(code).toBe(130);
    expect(onOneLine(output)).toContain(
      'did not end within 20 seconds: a server may not be reachable, or no worker runs',
    );
    expect(output).toContain('primary    not known; will be fenced');
    await vi.waitFor(async () => {
      expect(await ended('idle-promote')).toEqual(['WORKFLOW_EXECUTION_STATUS_TERMINATED']);
    }, 120_000);
  });

  it('Ctrl+C ends its workflow', async () => {
    const { child, answer } = begin('check', '--pair', 'interrupted');
    await vi.waitFor(async () => {
      expect(await ended('interrupted')).toEqual(['WORKFLOW_EXECUTION_STATUS_RUNNING']);
    }, 120_000);
    child.kill('SIGINT');
    expect(await answer).toMatchObject({ code: 130, stdout: '' });
    await vi.waitFor(async () => {
      expect(await ended('interrupted')).toEqual(['WORKFLOW_EXECUTION_STATUS_TERMINATED']);
    }, 120_000);
  });
});
