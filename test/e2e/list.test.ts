import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { commandWith } from './stage/command.js';
import { Stage } from './stage/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

const { command, onTerminal } = commandWith(() => stage.workerSettings);

interface List {
  hasMore: boolean;
  workflows: { workflowId: string; pair: string | null; next: string[]; doing: string }[];
}

const list = async (...args: string[]) =>
  JSON.parse((await command('list', '--output', 'json', ...args)).stdout) as List;

/** The list of the server follows the workflows a moment later. */
const listed = (workflowIds: string[], ...args: string[]) =>
  vi.waitFor(async () => {
    const { workflows } = await list(...args);
    expect(workflows.map(({ workflowId }) => workflowId)).toEqual(workflowIds);
    return workflows;
  }, 120_000);

it('finds what is open without its ID, takes the only one, and lists several', async () => {
  const [one, two] = [await stage.pair('CREATE SEQUENCE orders'), await stage.pair('CREATE SEQUENCE users')];
  const empty = await command('list');
  expect(empty).toMatchObject({
    code: 0,
    stdout: 'No run, fleet or promotion is open. Those that have ended: sequence-failover list --closed\n',
  });
  const none = await command('watch');
  expect(none).toMatchObject({ code: 4, stdout: '' });
  expect(none.stderr).toContain('There is no open run, fleet or promotion');

  const first = `failover-${one.name}`;
  await command('start', '--pair', one.name, '--ticket', 'CHG-1', '--requested-by', 'carol');
  const [row] = await listed([first]);
  expect(row).toMatchObject({
    ...{ kind: 'run', pair: one.name, mode: 'failover', phase: 'awaiting-approval', gate: 'open' },
    ...{ ticket: 'CHG-1', requestedBy: 'carol', state: 'open', endedAt: null, trouble: null },
    next: [
      `stop everything that writes to the primary, then approve it: sequence-failover approve ${first} --by "$USER"`,
    ],
  });
  const shown = await command('list', '--show-temporal');
  expect(shown.stdout.replace(/started .*?, /u, 'started …, ')).toBe(
    `${first}
  failover of the pair ${one.name}, started …, asked for by carol, CHG-1
  Waiting at the gate; gate open, 0 of 1 approvals; 1 sequence, 0 failed
  → stop everything that writes to the primary, then approve it: sequence-failover approve ${first} --by "$USER"
`,
  );
  const temporal = /^temporal workflow list --query '(.*)' --limit 20$/mu.exec(shown.stderr)?.[1] ?? '';
  const query = temporal.replaceAll(`'\\''`, "'");
  expect(await stage.cli.json('workflow', 'list', '--query', query)).toMatchObject([
    { execution: { workflowId: first } },
  ]);

  // The only one is meant, and named.
  const status = await command('status');
  expect(status.stderr).toContain(`${first} is the only open run, fleet or promotion\n`);
  expect(status.stdout).toContain('CHG-1');
  const asked = onTerminal('approve --by alice');
  await asked.shows(`${first} is the only open failover that waits for an approval`);
  await asked.shows(`type the name of the pair: ${one.name}`);

  const second = `failover-${two.name}`;
  await command('start', '--pair', two.name);
  await listed([second, first]);
  const rejected = await command('reject', '--by', 'alice', '--reason', 'not tonight');
  expect(rejected).toMatchObject({ code: 4, stdout: '' });
  // A command that has to wait says so.
  const told = rejected.stderr.trimEnd().split('\n');
  const [title, ...commands] = told.filter((line) => !/; still |^Still waiting for /u.test(line));
  expect(title).toBe('2 workflows are open: name the one that you mean.');
  expect(commands.map((line) => line.replace(/ {2}#.*/u, '').trim())).toEqual([
    `sequence-failover reject ${second} --by alice --reason 'not tonight'`,
    `sequence-failover reject ${first} --by alice --reason 'not tonight'`,
  ]);
  expect(await list('--limit', '1')).toMatchObject({ hasMore: true, workflows: [{ workflowId: second }] });

  // The question that stood on the terminal is still about the first.
  asked.type(`${one.name}\r`);
  expect((await asked.answer).code).toBe(0);
  await listed([second]);
  const called = await command('reject', '--by', 'alice', '--reason', 'not tonight');
  expect(called.code).toBe(3);
  expect(called.stderr).toContain(`${second} is the only open failover or promotion`);

  await listed([]);
  await listed([second, first], '--closed');
  const closed = await command('list', '--closed');
  expect(closed.stdout).toMatch(/Z {2}Rejected {4}failover of pair_2 {2}failover-pair_2\n/u);
  expect(closed.stdout).toMatch(/Z {2}handed-off {2}failover of pair_1 {2}failover-pair_1\n/u);
});

it('the report of the last run names the earlier ones with its ID', async () => {
  const { name } = await stage.pair('CREATE SEQUENCE orders');
  const workflowId = `it's "again"`;
  const synchronize = () => command('start', '--mode', 'sync', '--pair', name, '--workflow-id', workflowId);
  expect((await synchronize()).code).toBe(0);
  const first = await command('report', workflowId, '--format', 'json');
  expect(first.code).toBe(0);
  expect(first.stderr).not.toContain('several runs');
  expect((await synchronize()).code).toBe(0);
  const last = await vi.waitFor(async () => {
    const answer = await command('report', workflowId);
    expect(answer.stderr).toMatch(
      /is the ID of several runs; this is the last. Earlier ones:\n {2}started .*\n$/u,
    );
    return answer;
  }, 120_000);
  const runId = /again"' (\S+)\n$/u.exec(last.stderr)?.[1] ?? '';
  const earlier = await command('report', workflowId, runId, '--format', 'json');
  expect(earlier.stderr).not.toContain('several runs');
  expect(earlier.stdout).toBe(first.stdout);
});

it('shows what the server knows if no worker answers, and a fleet instead of its members', async () => {
  const pairs = await Promise.all([
    stage.pair('CREATE SEQUENCE orders'),
    stage.pair('CREATE SEQUENCE users'),
  ]);
  const fleet = 'evacuate';
  await stage.send(
    ['--input', JSON.stringify({ pairs: pairs.map(({ name }) => ({ pair: name })), mode: 'failover' })],
    { type: 'fleetFailover', workflowId: fleet },
  );
  await vi.waitFor(async () => {
    const { workflows } = await list();
    expect(workflows).toMatchObject([
      {
        ...{ workflowId: fleet, kind: 'fleet', pairs: 2, gate: 'open' },
        next: [`approve all of them: sequence-failover approve ${fleet} --by "$USER"`],
      },
    ]);
  }, 120_000);
  await vi.waitFor(async () => {
    expect((await list('--members')).workflows).toHaveLength(3);
  }, 120_000);

  await stage.stopWorker();
  const { workflows: unanswered } = await list();
  expect(unanswered).toMatchObject([{ workflowId: fleet, trouble: 'no worker answers' }]);
  const text = await command('list');
  expect(text.code).toBe(0);
  expect(text.stdout).toContain(`${fleet}\n  fleet, started `);
  expect(text.stdout).toContain('\n  no worker answers\n');

  await stage.cli.attempt('workflow', 'terminate', '--workflow-id', fleet);
  const watched = await command('watch', fleet, '--output', 'json');
  expect(JSON.parse(watched.stdout)).toMatchObject({ workflowId: fleet, state: 'terminated', pairs: null });
  expect(watched.stderr).toContain('The pairs of the fleet cannot be shown: No worker has answered for');
  await stage.restartWorker();
});
