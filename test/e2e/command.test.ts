import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { FleetStatus } from '../../src/contract/fleet-status.js';
import type { PromotionStatus } from '../../src/contract/promotion.js';
import type { RunResult, SequenceRow, Server, Status } from '../../src/contract/status.js';
import { VERSION } from '../../src/worker/artifacts.js';
import { commandScript, commandWith } from './stage/command.js';
import { decodePayload, type EncodedPayload } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { WorkflowRun } from './stage/workflow-run.js';
import { until } from '../../src/local/until.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

const { begin, onTerminal, environment, command } = commandWith(() => stage.workerSettings);

interface Doctor {
  ok: boolean;
  checks: { state: string; subject: string; text: string; remedy: string }[];
}

const schema = 'CREATE TABLE orders (id serial PRIMARY KEY)';

it('checks, starts, shows, approves, and ends with the codes that it documents', async () => {
  const pair = await stage.pair(schema);
  await pair.primary.sql('INSERT INTO orders SELECT FROM generate_series(1, 100)');

  const ready = await command('check', '--pair', pair.name);
  expect(ready).toMatchObject({ code: 0 });
  expect(ready.stdout).toMatch(/^Ready: nothing stands in the way of a failover\n/u);
  expect(ready.stdout).toContain('sequences  1: 1 to be set, 0 ahead already, 0 skipped, 0 failed');

  const plan = await command('plan', '--pair', pair.name);
  expect(plan.code).toBe(0);
  expect(plan.stdout).toMatch(/setval\(.*orders_id_seq/u);

  const workflowId = `failover-${pair.name}`;
  const started = await command('start', '--pair', pair.name, '--ticket', 'CHG-1', '--show-temporal');
  expect(started).toMatchObject({ code: 0 });
  expect(started.stdout).toMatch(/^The gate is open: every sequence is ahead\n/u);
  expect(started.stderr).toContain(
    `temporal workflow start --type sequenceFailover --task-queue sequence-failover --fail-existing --workflow-id ${workflowId} --input '{"mode":"failover"`,
  );
  const { events: begun } = await new WorkflowRun(stage.cli, workflowId).history();
  // An auditor recognizes a user and a host.
  expect(begun[0]).toMatchObject({
    workflowExecutionStartedEventAttributes: {
      identity: `${userInfo().username}@${hostname()} sequence-failover/${VERSION}`,
    },
  });
  const twice = await command('start', '--pair', pair.name);
  expect(twice).toMatchObject({ code: 4, stdout: '' });
  expect(twice.stderr).toContain(`sequence-failover watch ${workflowId}`);

  const status = await command('status', workflowId, '--output', 'json');
  const { rows, status: found } = JSON.parse(status.stdout) as { rows: SequenceRow[]; status: Status };
  expect(found).toMatchObject({ ticket: 'CHG-1', gate: { state: 'open' } });
  expect(rows).toMatchObject([{ sequence: 'public.orders_id_seq', outcome: 'applied' }]);

  const unasked = await command('approve', workflowId, '--by', 'alice');
  expect(unasked).toMatchObject({ code: 4, stdout: '' });
  expect(unasked.stderr).toContain('add --yes');

  const watching = begin('watch', workflowId);
  let noted = '';
  watching.child.stderr?.on('data', (chunk: Buffer) => (noted += chunk.toString()));
  await until(() => noted.includes('Waiting at the gate'), { what: 'the watch to be at the gate' });
  const screen = onTerminal(`watch ${workflowId}`);
  await screen.shows('Next: stop everything that writes to the primary');
  const approved = await command('approve', workflowId, '--by', 'alice', '--yes', '--output', 'json');
  expect(approved.code).toBe(0);
  const { state, status: result } = JSON.parse(approved.stdout) as { state: string; status: RunResult };
  expect({ state, outcome: result.outcome }).toEqual({ state: 'completed', outcome: 'handed-off' });
  const watched = await watching.answer;
  expect(watched.code).toBe(0);
  expect(watched.stderr).toMatch(/Waiting at the gate; gate open, 0 of 1 approvals/u);
  expect(watched.stdout).toMatch(/^Completed: handed-off /u);
  const { code, output } = await screen.answer;
  expect(code).toBe(0);
  expect(output).toContain('▸ gate');
  // The cursor is hidden, and shown again before the ending is printed.
  const [, ...hidden] = output.split('\u001B[?25l');
  const [, shown = ''] = hidden.at(-1)?.split('\u001B[?25h') ?? [];
  expect(shown).toContain('Completed: handed-off ');

  // The same report comes from Temporal and from the exported file.
  const folder = await mkdtemp(path.join(tmpdir(), 'report-'));
  const [file, html] = [path.join(folder, 'export.json'), path.join(folder, 'report.html')];
  await writeFile(file, (await command('export', workflowId)).stdout);
  const live = await command('report', workflowId, '--format', 'html');
  expect(live.stdout).toContain('approved by alice');
  expect((await command('report', '--file', file, '--format', 'html')).stdout).toBe(live.stdout);
  await writeFile(html, live.stdout);
  expect(await command('report', '--verify', html)).toMatchObject({ code: 0 });
  await writeFile(html, live.stdout.replace('approved by alice', 'approved by bob'));
  const forged = await command('report', '--file', file, '--verify', html);
  expect(forged).toMatchObject({ code: 1 });
  expect(forged.stdout).toContain('it was changed after it was written');
  expect(await command('report', 'another', '--verify', html)).toMatchObject({
    code: 1,
    stdout: `${html} is not the report of another:\n  it is that of ${workflowId}\n`,
  });
  const earlier = '01a22e7d-28b9-7d3b-affe-abc0a8ace8f3';
  expect((await command('report', workflowId, earlier, '--file', file)).stderr).toMatch(
    new RegExp(`run ${earlier} in .*, which has ${workflowId}, run [\\da-f-]{36}\n$`, 'u'),
  );
  const other = await command('report', 'another', '--file', file);
  expect(other).toMatchObject({ code: 1, stdout: '' });
  expect(other.stderr).toBe(
    `there is no history of the workflow another in ${file}, which has ${workflowId}\n`,
  );
  await rm(folder, { recursive: true });
});

it('rejects, and resynchronizes once a remedy was applied', async () => {
  const pair = await stage.pair(schema);
  await pair.primary.sql('CREATE SEQUENCE invoices');
  const notReady = await command('check', '--pair', pair.name, '--output', 'json');
  expect(notReady.code).toBe(2);
  const checked = JSON.parse(notReady.stdout) as { ready: boolean; status: Status };
  expect(checked.ready).toBe(false);
  expect(checked.status.findings.map(({ code }) => code)).toContain('MISSING_ON_STANDBY');

  const workflowId = `failover-${pair.name}-2`;
  const started = await command('start', '--pair', pair.name, '--workflow-id', workflowId);
  expect(started).toMatchObject({ code: 2 });
  expect(started.stdout).toMatch(/^The gate is blocked\n/u);
  expect(started.stdout).toContain(
    `\n  → then run: sequence-failover resynchronize ${workflowId} --by "$USER"\n`,
  );
  const early = await command('approve', workflowId, '--by', 'alice', '--yes', '--reason', 'CHG 1');
  expect(early).toMatchObject({ code: 2 });
  expect(early.stdout).toContain(
    `Or accept by name: sequence-failover approve ${workflowId} --by alice --reason 'CHG 1' --yes --accept public.invoices\n`,
  );
  await pair.standby.sql('CREATE SEQUENCE invoices');
  // "$USER" may be empty: nothing is sent, and so nothing is refused and recorded.
  expect(await command('resynchronize', workflowId, '--by', '')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('It is empty: name the person.') as string,
  });
  const anew = await command('resynchronize', workflowId, '--by', 'alice');
  expect(anew).toMatchObject({ code: 0 });
  expect(anew.stdout).toContain('gate       open: 0 of 1 approvals');

  const asked = onTerminal(`approve ${workflowId} --by alice`);
  await asked.shows(`To approve, type the name of the pair: ${pair.name}`);
  asked.type('another\r');
  await asked.shows('That is not the name of the pair');
  asked.type('\u0003');
  expect(await asked.answer).toMatchObject({
    ...{ code: 130, output: expect.stringContaining('Nothing was done') as string },
  });

  const rejected = await command('reject', workflowId, '--by', 'alice', '--reason', 'called off');
  expect(rejected).toMatchObject({ code: 3 });
  expect(rejected.stdout).toMatch(/^Failed: Rejected /u);
});

it('with --partial, leaves out pairs of a fleet that have ended', async () => {
  const pair = await stage.pair(schema);
  const fleet = `fleet-${pair.name}`;
  const named = ['--pair', pair.name, '--pair', 'nobody'];
  await stage.cli.json(
    ...['workflow', 'start', '--type', 'fleetFailover', '--task-queue', 'sequence-failover'],
    ...['--workflow-id', fleet, '--input', JSON.stringify({ pairs: [pair.name, 'nobody'] })],
  );
  const gateOf = async () => (await new WorkflowRun(stage.cli, fleet).ask<FleetStatus>('status')).gate;
  await until(async () => (await gateOf())?.state === 'open', { what: 'the fleet at its gate' });

  expect(await command('resynchronize', fleet, '--by', 'alice', ...named)).toMatchObject({ code: 0 });
  await until(async () => (await gateOf())?.refusedCount === 1, { what: 'the refusal of both pairs' });
  expect(await command('resynchronize', fleet, '--by', 'alice', ...named, '--partial')).toMatchObject({
    code: 0,
  });
  await until(async () => (await gateOf())?.decisions.length === 1, { what: 'the resynchronization of one' });
  await until(async () => (await gateOf())?.state === 'open', { what: 'the fleet at its gate again' });

  const rejection = ['reject', fleet, '--by', 'alice', '--reason', 'called off', ...named];
  const refused = await command(...rejection);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain(
    'the pair nobody is finished already (failed); leave it out: name the others with --pair <name>, or add --partial',
  );
  expect(await command(...rejection, '--partial')).toMatchObject({ code: 1 });
  const { status } = await new WorkflowRun(stage.cli, fleet).ending();
  expect(status).toBe('FAILED');
  const single = await command(
    'reject',
    `failover-${pair.name}`,
    '--by',
    'alice',
    '--reason',
    'no',
    '--partial',
  );
  expect(single).toMatchObject({ code: 4 });
});

it('says what is missing, and sets it up', async () => {
  const names = [await stage.pair(), await stage.pair(), await stage.pair()].map(({ name }) => name);
  const before = await command('doctor', '--output', 'json');
  const { ok, checks } = JSON.parse(before.stdout) as Doctor;
  const states = (subject: string) =>
    checks.filter((check) => check.subject === subject).map(({ state }) => state);
  for (const subject of ['configuration', 'Temporal', 'namespace', 'worker'])
    expect([subject, states(subject)]).toEqual([subject, ['ok']]);
  for (const name of names)
    for (const part of ['primary', 'standby', 'ledger'])
      expect([part, states(`${name} ${part}`)]).toEqual([part, ['ok']]);
  expect(states('search attributes')).toEqual(['warning']);
  // The pairs of limited roles, and those with their ledger elsewhere, have no databases in this test.
  expect({ ok, code: before.code }).toEqual({ ok: false, code: 2 });
  expect(checks.filter(({ state, text, remedy }) => state === 'failure' && text + remedy === '')).toEqual([]);

  const doctorWith = async (settings: Record<string, string>) => {
    const looked = await commandWith(() => ({ ...stage.workerSettings, ...settings })).command(
      ...['doctor', '--output', 'json'],
    );
    const found = (JSON.parse(looked.stdout) as Doctor).checks;
    return (subject: string) =>
      found.flatMap((one) =>
        one.subject === subject ? [`${one.state}${one.remedy && `: ${one.remedy}`}`] : [],
      );
  };
  const correct = (setting: string) => [
    `failure: correct ${setting} here and where the workers run: docs/reference/environment.md`,
  ];
  const [name = ''] = names;
  // A wrong setting does not stop the rest. No check reads anything that is encrypted.
  const keyless = await doctorWith({ ENCRYPTION_KEY: 'short' });
  expect(keyless('configuration')).toEqual(correct('ENCRYPTION_KEY'));
  for (const subject of ['Temporal', 'worker', `${name} primary`, `${name} ledger`])
    expect([subject, keyless(subject)]).toEqual([subject, ['ok']]);
  const profileless = await doctorWith({ TEMPORAL_PROFILE: 'none' });
  expect(profileless('configuration')).toEqual(correct('TEMPORAL_PROFILE'));
  expect(profileless('Temporal')).toEqual(['warning: correct the settings above']);
  expect(profileless(`${name} primary`)).toEqual(['ok']);
  // It is not known where the ledgers are.
  const misplaced = await doctorWith({ LEDGER_URL: 'nowhere' });
  expect(misplaced('configuration')).toEqual(correct('LEDGER_URL'));
  expect([misplaced(`${name} standby`), misplaced(`${name} ledger`)]).toEqual([['ok'], []]);

  const unknown = await command('setup', '--schedule', '--pair', 'nowhere');
  expect(unknown).toMatchObject({ code: 4, stdout: '' });
  expect(unknown.stderr).toMatch(/no pair "nowhere"\. It knows: .*pair_/u);
  const described = await stage.cli.attempt('schedule', 'describe', '--schedule-id', 'watch-nowhere');
  expect(described.code).not.toBe(0);
  expect(await command('setup', '--schedule', '--pair', name, '--interval', '10 minutes')).toMatchObject({
    ...{ code: 0, stdout: expect.stringContaining(`Schedule watch-${name}: created`) as string },
  });
  const again = await command('setup', '--schedule', '--pair', name, '--output', 'json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    searchAttributes: { registered: [], failure: null },
    schedule: { scheduleId: `watch-${name}`, updated: true },
  });
  const schedule = await stage.cli.json('schedule', 'describe', '--schedule-id', `watch-${name}`);
  expect(JSON.stringify(schedule)).toContain('SCHEDULE_OVERLAP_POLICY_SKIP');
  await stage.cli.attempt('schedule', 'delete', '--schedule-id', `watch-${name}`);
  const after = await command('doctor');
  expect(after.stdout).toMatch(/^ok +search attributes +all 6 are registered$/mu);

  // A worker keeps the server's answer for a minute.
  await stage.restartWorker();
  const run = ['start', '--mode', 'sync', '--pair', name, '--ticket', 'CHG-2'];
  expect(await command(...run)).toMatchObject({ code: 0 });
  const query = [
    ...[
      "SequenceFailoverMode = 'sync'",
      "SequenceFailoverPhase = 'done'",
      "SequenceFailoverTicket = 'CHG-2'",
    ],
    ...["SequenceFailoverOutcome = 'synchronized'", `SequenceFailoverPair = '${name}'`],
  ].join(' AND ');
  // Visibility follows a moment later.
  await vi.waitFor(async () => {
    const list = await stage.cli.json<unknown[]>('workflow', 'list', '--query', query);
    expect(list).toMatchObject([{ execution: { workflowId: `sync-${name}` } }]);
  }, 120_000);
});

it('promotes after a completed failover, with what it selected and its approvals accepted', async () => {
  const pair = await stage.pair(schema);
  await pair.subscribe();
  await pair.primary.sql('CREATE SEQUENCE only_here; CREATE SEQUENCE left_out');
  const [run, after] = [`failover-${pair.name}`, ['promote', '--after', `failover-${pair.name}`]];
  const started = await command(
    ...['start', '--pair', pair.name, '--ticket', 'CHG-4', '--requested-by', 'alice'],
    ...['--exclude', 'public.left_out'],
  );
  expect(started).toMatchObject({ code: 2 });
  expect(await command(...after, '--yes')).toMatchObject({
    ...{ code: 4, stdout: '' },
    stderr: expect.stringContaining(`--after ${run}: it has not ended, so nothing was started.`) as string,
  });
  const approval = ['approve', run, '--by', 'bob', '--yes', '--accept', 'public.only_here'];
  expect(await command(...approval)).toMatchObject({ code: 0 });
  expect(await command(...after, '--pair', pair.name)).toMatchObject({ code: 4, stdout: '' });
  const rehearsed = await command(...after, '--rehearse', '--ticket', 'CHG-5');
  expect(rehearsed).toMatchObject({ code: 0 });
  const { events } = await new WorkflowRun(stage.cli, `rehearse-${pair.name}`).history();
  const { input } = events[0]?.['workflowExecutionStartedEventAttributes'] as {
    input: { payloads: EncodedPayload[] };
  };
  expect(decodePayload(input.payloads[0])).toEqual({
    ...{ pair: pair.name, rehearse: true, ticket: 'CHG-5', requestedBy: 'alice' },
    ...{ exclude: ['public.left_out'], accept: ['public.only_here'] },
  });
  expect(await command('promote', '--after', `rehearse-${pair.name}`)).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('it is not the run of one pair') as string,
  });
});

it('rehearses a promotion, asks before a real one, and promotes', async () => {
  const pair = await stage.pair(schema);
  await pair.subscribe();
  const rehearsed = await command(
    ...['promote', '--pair', pair.name, '--rehearse', '--ticket', "it's mine"],
    ...['--input', '{"outageBudget": "1 minute"}'],
  );
  expect(rehearsed).toMatchObject({ code: 0 });
  // Temporal's UI shows them.
  const { events } = await new WorkflowRun(stage.cli, `rehearse-${pair.name}`).history();
  expect(decodePayload(events[0]?.userMetadata?.summary)).toBe(`${pair.name}, rehearsal, it's mine`);
  expect(rehearsed.stdout).toMatch(
    /^Completed: rehearsed .*\npredicted outage: \d+ ms; 1 sequence verified\nprimary {4}.*\nstandby {4}.*\n/u,
  );
  expect(rehearsed.stdout).toMatch(/^↶ wayBack +undone, \d+ ms/mu);
  const real = `Next: promote when the time has come: sequence-failover promote --pair ${pair.name} --ticket 'it'\\''s mine' --input '{"outageBudget":"1 minute"}'\n`;
  expect(rehearsed.stdout).toContain(real);
  // Whoever looks at it later gets the same command.
  for (const later of ['watch', 'status'])
    expect((await command(later, `rehearse-${pair.name}`)).stdout).toContain(real);
  const unasked = await command('promote', '--pair', pair.name);
  expect(unasked).toMatchObject({ code: 4, stdout: '' });
  expect(unasked.stderr).toContain('add --yes');
  // Before it asks, it shows what would be done to which server.
  const asked = onTerminal(`promote --pair ${pair.name} --input '{"fence": {"kind": "no-connections"}}'`);
  await asked.shows(`To promote, type the name of the pair: ${pair.name}`);
  // Ctrl+D, the end of the input.
  asked.type('\u0004');
  const { code, output } = await asked.answer;
  expect(code).toBe(130);
  const { primary, standby } = (
    JSON.parse((await command('status', `rehearse-${pair.name}`, '--output', 'json')).stdout) as {
      status: PromotionStatus;
    }
  ).status;
  const server = (one: Server | null) =>
    `${one?.host ?? ''}:${String(one?.port)}/${pair.name}, PostgreSQL ${one?.serverVersion ?? ''}`;
  expect(output.replaceAll('\r', '')).toContain(
    [
      `The promotion of the pair ${pair.name}`,
      `primary    ${server(primary)}; will be fenced`,
      `standby    ${server(standby)}; will take the writes`,
      'fence      no-connections: sessions are ended, and applications cannot connect',
      'outage     at most 30 seconds, or everything is undone',
      'traffic    you move the clients yourself, as soon as the standby is open',
      'way back   the old primary receives from the new one\n',
    ].join('\n'),
  );
  const promoted = await command(
    ...['promote', '--pair', pair.name, '--ticket', 'CHG-3', '--yes', '--output', 'json'],
    ...['--input', '{"failback": false}'],
  );
  expect(promoted).toMatchObject({ code: 0 });
  expect(JSON.parse(promoted.stdout)).toMatchObject({
    ...{ workflowId: `promote-${pair.name}`, state: 'completed' },
    status: { outcome: 'promoted', ticket: 'CHG-3' },
  });
});

it('rehearses the promotion of several pairs together, and shows fleets and promotions', async () => {
  const pairs = await Promise.all([stage.pair(schema), stage.pair(schema)]);
  await Promise.all(pairs.map((pair) => pair.subscribe()));
  const [first = '', second = ''] = pairs.map(({ name }) => name);
  const several = ['promote', '--pair', first, '--pair', second];
  expect(await command(...several, '--yes')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('--workflow-id') as string,
  });
  const workflowId = 'rehearse-both';
  const rehearsed = await command(...several, '--rehearse', '--workflow-id', workflowId);
  expect(rehearsed).toMatchObject({ code: 0 });
  expect(rehearsed.stdout).toMatch(
    /^Completed: rehearsed .*\ndecision {3}switch at .*\noutage {5}predicted: \d+ ms from the first fence/u,
  );
  expect(rehearsed.stderr).toContain(`${second}: preparing`);
  expect(rehearsed.stdout).toContain(
    `Next: promote when the time has come: sequence-failover promote --pair ${first} --pair ${second} --workflow-id promote-both\n`,
  );

  const [status, pairStatus, watched, pairWatched, report] = await Promise.all([
    command('status', workflowId),
    command('status', `${workflowId}/${first}`),
    command('watch', workflowId, '--output', 'json'),
    command('watch', `${workflowId}/${first}`),
    command('report', workflowId),
  ]);
  expect(status).toMatchObject({ code: 0 });
  expect(status.stdout).toMatch(/^phase {6}Ended, completed: rehearsed\ndecision {3}switch at /u);
  expect(pairStatus.stdout).toContain(`fleet      ${workflowId}\n`);
  // The fleet promotes its pairs together.
  expect(pairWatched.stdout).toMatch(/^Completed: rehearsed /u);
  expect(pairWatched.stdout).not.toContain('Next:');
  expect(JSON.parse(watched.stdout)).toMatchObject({ state: 'completed', status: { outcome: 'rehearsed' } });
  expect(report.stdout).toContain('Certificate of the fleet');
});

it('completes commands and their options, in bash and through the temporal command', async () => {
  const { code, stdout } = await command('completion', 'bash');
  expect(code).toBe(0);
  const words = (...typed: string[]) =>
    `COMP_WORDS=(sequence-failover ${typed.join(' ')}) COMP_CWORD=${typed.length}; _sequence_failover; echo "\${COMPREPLY[@]}"`;
  const script = [stdout, words('appr'), words('approve', '--rea'), words('start', '--mode', 'sy')].join(
    '\n',
  );
  expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('approve\n--reason\nsync\n');
  expect((await command('completion', 'zsh')).stdout).toMatch(/^#compdef sequence-failover /u);
  expect(await command('completion', 'fish')).toMatchObject({ code: 4, stdout: '' });

  // The temporal command asks its extensions itself.
  const folder = await mkdtemp(path.join(tmpdir(), 'extension-'));
  await writeFile(path.join(folder, 'temporal-sequences'), commandScript, { mode: 0o755 });
  const env = { ...environment(), PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const asked = execFileSync(stage.cli.program, ['__complete', 'sequences', 'promote', '--reh'], {
    ...{ env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  });
  expect(asked).toMatch(/^--rehearse\t.+\n:4\n$/u);
  await rm(folder, { recursive: true });
});

it.each([
  [['promote', '--input', '{"fence": {"kind": "x"}}'], 'Invalid input: fence.kind'],
  [['chek'], 'unknown command'],
  [['approve', '--by', 'alice'], 'There is no terminal to ask on'],
  [['approve', '--by', 'alice', '--yes'], 'With --yes, name the workflow'],
  [['list', '--limit', '0'], '--limit is a number from 1 to 9999'],
  [['start', '--mode', 'fail'], 'Allowed choices are check, plan, verify, sync, failover'],
  [
    ['check', '--buffer', 'huge'],
    '--buffer: found "huge"; expected low, medium, high, time-critical, or a number',
  ],
  [['check', '--input', '{'], '--input is not JSON'],
  [['check', '--output', 'yaml'], 'Allowed choices are text, json'],
])('refuses %j with 4 and the reason', async (args, reason) => {
  const { code, stdout, stderr } = await command(...args);
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toContain(reason);
});

it('names the approvers, and ends at once if the run then waits for notBefore', async () => {
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  const workflowId = `failover-${pair.name}`;
  const notBefore = new Date(Date.now() + 3_600_000).toISOString();
  const started = await command(
    ...['start', '--pair', pair.name, '--approver', 'bob', '--not-before', notBefore],
    ...['--buffer-reason', 'the peak of Friday'],
  );
  expect(started).toMatchObject({ code: 0 });
  expect(started.stdout).toContain('approvers  "bob"\n');
  expect(started.stdout).toContain(`not before ${notBefore}\n`);
  expect(started.stdout).toContain('10000 calls of nextval (the peak of Friday)');
  const barred = await command('approve', workflowId, '--by', 'alice', '--yes');
  expect(barred).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"alice" may not approve') as string,
  });
  const approved = await command('approve', workflowId, '--by', 'Bob', '--yes');
  expect(approved).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Approved: the run waits until ${notBefore}`) as string,
  });
  const status = await command('status', workflowId);
  expect(status.stdout).toContain(`not before ${notBefore}: approved, waits until then`);
  expect(await command('reject', workflowId, '--by', 'eve', '--reason', 'no')).toMatchObject({ code: 3 });
  const past = await command('start', '--pair', pair.name, '--not-before', '2020-01-31T02:00:00Z');
  expect(past).toMatchObject({ code: 4, stderr: expect.stringContaining('still to come') as string });
});
