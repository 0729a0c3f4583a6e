import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEMPLATES } from '../src/local/cluster-template.js';
import { temporaryFolder } from './temporary-folder.js';

/**
 * Before all tests: the temporary folder of this run, which holds all files of the tests, and the data directories that they copy. It is
 * removed after the tests, even if they are killed.
 */
export default function makeRunFolder(): () => Promise<void> {
  const folder = mkdtempSync(join(realpathSync(temporaryFolder() ?? tmpdir()), 'sequence-failover-tests-'));
  const templates = join(folder, 'clusters');
  mkdirSync(templates);
  // The user that runs the servers has to enter them.
  for (const each of [folder, templates]) chmodSync(each, 0o711);
  process.env['TMPDIR'] = folder;
  process.env[TEMPLATES] = templates;
  return removeAtEnd(folder);
}

/** @returns a function that removes the folder, and resolves when it is gone */
export function removeAtEnd(folder: string): () => Promise<void> {
  const remover = spawn('/bin/sh', [join(import.meta.dirname, 'remove-run-folder.sh'), folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  remover.unref();
  return async () => {
    remover.ref();
    const removed = new Promise((resolve) => remover.once('close', resolve));
    remover.stdin.end();
    await removed;
  };
}
