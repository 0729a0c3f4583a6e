import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { childrenOf, isRunning } from '../../src/local/process-table.js';
import { until } from '../../src/local/until.js';

const main = path.resolve(import.meta.dirname, '../../dist/src/demo/main.js');

interface Demo {
  stdout: () => string;
  stderr: () => string;
  exit: Promise<number | null>;
  signal: (name: NodeJS.Signals) => void;
  /** Waits until the output has the text. */
  shows: (text: string) => Promise<void>;
  /** By process id, what they run. */
  children: () => Map<number, string>;
  /** Names of files and folders in the demo's temporary folder. */
  files: () => string[];
}

function startDemo(...args: string[]): Demo {
  const folder = mkdtempSync(path.join(tmpdir(), 'demo-test-'));
  // As root, PostgreSQL runs as another user.
  chmodSync(folder, 0o755);
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, TMPDIR: folder, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill();
    await exit;
    rmSync(folder, { recursive: true, force: true });
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    exit,
    signal: (name) => child.kill(name),
    shows: async (text) => {
      const look = () => {
        if (child.exitCode !== null)
          throw new Error(`The demo ended before it showed "${text}":\n${stdout}${stderr}`);
        return stdout.includes(text);
      };
      await until(look, { timeout: 280_000, what: `the demo to show "${text}"` });
    },
    children: () => new Map(childrenOf(child.pid ?? 0).map((pid) => [pid, commandOf(pid)])),
    files: () => readdirSync(folder),
  };
}

/** Empty if the process has ended meanwhile. */
function commandOf(pid: number): string {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}

/** Two PostgreSQL servers, the Temporal server and the worker, with what else the demo has started. */
function expectAllRunning(children: Map<number, string>): void {
  const commands = [...children.values()].join('\n');
  for (const server of ['postgres-primary', 'postgres-standby', 'start-dev', 'worker/main.js']) {
    expect(commands).toContain(server);
  }
}

async function expectNothingLeft(demo: Demo, children: Map<number, string>): Promise<void> {
  // The reaper's own end is nobody's to wait for.
  await until(() => ![...children.keys()].some(isRunning), {
    what: 'all children to be gone',
  });
  expect(demo.files()).toEqual([]);
}

it('shows the problem, the run, the promotion and the way back, and leaves nothing behind', async () => {
  const demo = startDemo('--yes');
  await demo.shows('Live writer');
  const children = demo.children();
  expectAllRunning(children);
  const code = await demo.exit;

  expect(demo.stderr()).toBe('');
  expect(code).toBe(0);
  const shown = demo.stdout();
  expect(shown).toContain('ERROR:  duplicate key value violates unique constraint "orders_pkey"');
  expect(shown).toContain('DETAIL:  Key (id)=(1) already exists.');
  expect(shown).toMatch(/public\."OrderItems_Id_seq" +\d+ +1 +\d+ +10000 {2}applied\n/);
  expect(shown).toMatch(/billing\.refund_id_seq +-\d+ +-1 +-\d+ +10000 {2}applied\n/);
  expect(shown).toMatch(/public\.couriers_id_seq +32001 +1 +32384 +383 {2}applied\n/);
  expect(shown).toMatch(/public\.sessions_id_seq +\d+ +1000001 +1000001 +10000 {2}kept\n/);
  expect(shown).toContain('8 sequences: 7 applied, 1 kept, 0 skipped, 0 failed');
  expect(shown).toContain('BUFFER_REDUCED');
  expect(shown).toMatch(/Least headroom: 383 calls of nextval, on public\.couriers_id_seq/);
  expect(shown).toContain('Completed: handed-off');
  expect(shown).toMatch(/Outage: \d+ ms, from the fence until the standby was open/);
  expect(shown).toMatch(/fence +\d+ ms {2}the primary takes no writes/);
  expect(shown).toContain('8 tables written to on the standby, no duplicate key.');
  expect(unwrapped(shown)).toMatch(
    /\d+ visits were confirmed to the application, and all of them are there\./,
  );
  expect(shown).toMatch(/(\d+) visits are on the new primary, and \1 on the old one/);
  expect(shown).toMatch(/http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/failover-demo/);
  for (const command of ['query', 'result', 'show', 'execute']) {
    expect(shown).toContain(`temporal workflow ${command} `);
  }
  expectPlain(shown);
  await expectNothingLeft(demo, children);
});

/** With the lines of a paragraph joined. */
const unwrapped = (shown: string) => shown.replaceAll('\n│  ', ' ');

/** Plain text, and no line wider than a terminal, except for a path, and commands, which can be copied. */
function expectPlain(shown: string): void {
  expect(shown).not.toContain('\u001b');
  const prose = shown
    .split('\n')
    .filter((line) => /^[│●◇◆▲■┌└]/u.test(line) && !line.includes('Temporal CLI'));
  expect(prose.filter((line) => line.length > 80)).toEqual([]);
}

it('kills the primary with --lost, goes on by evidence, and leaves nothing behind', async () => {
  const demo = startDemo('--lost');
  await demo.shows('Live writer');
  const children = demo.children();
  const code = await demo.exit;

  expect(demo.stderr()).toBe('');
  expect(code).toBe(0);
  const shown = demo.stdout();
  expect(shown).toMatch(/The server on port \d+ was killed with SIGKILL/);
  expect(shown).toMatch(/public\.users_id_seq +\d+ {2}ledger +\d+ +\d+ {2}applied\n/);
  expect(shown).toContain('block PRIMARY_LOST');
  expect(unwrapped(shown)).toMatch(
    /Approved as .*, accepting PRIMARY_LOST, since there is no terminal to ask on/,
  );
  expect(shown).toContain('Completed: handed-off');
  expect(shown).toContain('8 tables written to on the standby, no duplicate key.');
  expect(unwrapped(shown)).toMatch(/\d+ visits were confirmed to the application; /);
  expectPlain(shown);
  await expectNothingLeft(demo, children);
});

it('keeps everything running for the commands that it prints, until Ctrl+C', async () => {
  const demo = startDemo('--yes', '--keep');
  await demo.shows('Ctrl+C ends it');
  const children = demo.children();
  expectAllRunning(children);

  const commands = /^export TEMPORAL_ADDRESS=.*^# the new primary$/ms.exec(demo.stdout())?.[0] ?? '';
  const setup = commands.split('\n').filter((line) => /^(export|temporal\(\))/.test(line));
  /** What begins so, with the lines that it goes on in. */
  const printed = (beginning: string) =>
    commands.slice(commands.indexOf(`\n${beginning}`) + 1).match(/^(?:.*\\\n)*.*$/m)?.[0] ?? '';
  const sh = (command: string) =>
    execFileSync('sh', ['-ec', [...setup, command].join('\n')], { encoding: 'utf8', stdio: 'pipe' });
  const run = (beginning: string) => sh(printed(beginning));
  expect(run('temporal workflow result --workflow-id failover-demo')).toMatch(/COMPLETED[^]*handed-off/);
  expect(run('temporal workflow query --workflow-id failover-demo --type status')).toContain(
    '"phase":"done"',
  );
  expect(run('temporal workflow show --workflow-id failover-demo')).toContain('WorkflowExecutionCompleted');
  expect(run('temporal workflow result --workflow-id promote-demo')).toMatch(/COMPLETED[^]*promoted/);
  const report = printed('npx sequence-failover report failover-demo');
  expect(sh(report.replace(/ > \S+$/, ''))).toMatch(/^<!DOCTYPE html>/);
  expect(run('temporal workflow execute ')).toMatch(/COMPLETED[^]*promoted/);

  demo.signal('SIGINT');
  expect(await demo.exit).toBe(0);
  expect(demo.stderr()).toBe('');
  await expectNothingLeft(demo, children);
});

it('says which of its servers has crashed, with the end of its log', async () => {
  const demo = startDemo('--yes');
  await demo.shows('Live writer');
  const children = demo.children();
  const worker = [...children].find(([, command]) => command.includes('worker/main.js'));
  process.kill(worker?.[0] ?? NaN, 'SIGKILL');

  expect(await demo.exit).toBe(1);
  expect(demo.stderr()).toContain('The worker has ended, and nobody stopped it.');
  expect(demo.stderr()).toContain('the worker is ready');
  await expectNothingLeft(demo, children);
});

it.each(['SIGINT', 'SIGTERM'] as const)('stops all that it has started on %s', async (signal) => {
  const demo = startDemo('--yes');
  await demo.shows('Live writer');
  const children = demo.children();
  expectAllRunning(children);
  demo.signal(signal);
  expect(await demo.exit).toBe(signal === 'SIGINT' ? 130 : 143);
  expect(demo.stderr()).toBe('');
  await expectNothingLeft(demo, children);
});
