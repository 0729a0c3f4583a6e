import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** What a run on the next build calls the step that it waits at. */
export const nextBuildsApproval = 'Approve the failover (as the next build says)';

/**
 * A build of workflow code that differs from `dist`, in a folder of its own, as the next release of the project is.
 *
 * @returns the main module of its worker
 */
export function nextBuild(): { program: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sequence-failover-next-build-'));
  cpSync(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const bundle = path.join(folder, 'dist/workflow-bundle.js');
  const code = readFileSync(bundle, 'utf8');
  const changed = code.replaceAll("'Approve the failover'", `'${nextBuildsApproval}'`);
  if (changed === code)
    throw new Error('the bundle has changed: there is nothing in it to tell the builds apart by');
  writeFileSync(bundle, changed);
  return {
    program: path.join(folder, 'dist/src/worker/main.js'),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
