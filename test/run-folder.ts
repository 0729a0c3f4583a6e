import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEMPLATES } from '../src/local/cluster-template.js';
import { temporaryFolder } from './temporary-folder.js';

/** The variable with the system's temporary folder, where a file is kept that has to outlast the run. TMPDIR is the folder of the run. */
const OUTSIDE = 'SEQUENCE_FAILOVER_OUTSIDE_OF_RUN';

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
  process.env[OUTSIDE] = tmpdir();
  process.env['TMPDIR'] = folder;
  // Temporal's servers collect garbage less often, which takes less processor time.
  process.env['GOGC'] ??= '400';
  process.env[TEMPLATES] = templates;
  return removeAtEnd(folder);
}

/**
 * Saves a file that is needed after the run, such as one that the message of a failed test names.
 *
 * @param name its name, in a new folder
 * @returns its path
 */
export function keepFile(name: string, content: string): string {
  const folder = mkdtempSync(join(process.env[OUTSIDE] ?? tmpdir(), 'sequence-failover-kept-'));
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
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
