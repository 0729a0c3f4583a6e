import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const program = path.resolve(import.meta.dirname, '../../dist/src/cli/program.js');

/** The packages that are loaded after the script has run, as far as they are CommonJS. */
function loadedBy(script: string): Set<string> {
  const print = 'console.log(JSON.stringify(Object.keys(require.cache)))';
  const output = execFileSync(process.execPath, ['--eval', `(async () => { ${script}; ${print}; })()`], {
    encoding: 'utf8',
  });
  const files = JSON.parse(output) as string[];
  return new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(file)?.[1] ?? []));
}

const importOf = (module: string) => `await import(${JSON.stringify(module)})`;

it('the command describes itself, for help and completion, without the clients of Temporal and PostgreSQL', () => {
  const described = `const { createProgram } = ${importOf(pathToFileURL(program).href)}; createProgram('sequence-failover')`;
  const loaded = loadedBy(described);
  expect(loaded).toContain('commander');
  const heavy = ['@temporalio/client', '@temporalio/proto', '@grpc/grpc-js', 'protobufjs', 'pg', 'zod'];
  expect(heavy.filter((name) => loaded.has(name))).toEqual([]);
  // They are seen where they are loaded.
  expect(loadedBy(importOf('@temporalio/client'))).toContain('@grpc/grpc-js');
});

it('can be run as a program after each build, not only after the first npx', () => {
  accessSync(path.join(path.dirname(program), 'main.js'), constants.X_OK);
});

it('a report of a file that is given as a workflow ID ends at once, with the command that reads the file', () => {
  const file = path.resolve(import.meta.dirname, '../replay/histories/unreleased/handed-off.json');
  const run = spawnSync(process.execPath, [path.join(path.dirname(program), 'main.js'), 'report', file], {
    encoding: 'utf8',
  });
  expect(run).toMatchObject({ status: 4, stdout: '' });
  expect(run.stderr).toContain(`sequence-failover report --file ${file}`);
});
