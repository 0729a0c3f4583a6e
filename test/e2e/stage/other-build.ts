import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** The main module of a worker of another build, and a function that removes the build. */
export interface OtherBuild {
  program: string;
  remove: () => void;
}

/**
 * Creates a build whose workflow code differs from `dist`, like another release of the project, in a new folder.
 *
 * @param from a text of the workflow bundle
 * @param to the text that replaces it
 */
export function otherBuild(from: string, to: string): OtherBuild {
  const folder = mkdtempSync(path.join(tmpdir(), 'sequence-failover-other-build-'));
  cpSync(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const bundle = path.join(folder, 'dist/workflow-bundle.js');
  const code = readFileSync(bundle, 'utf8');
  const changed = code.replaceAll(from, to);
  if (changed === code) throw new Error(`the bundle has changed: there is no ${from} in it`);
  writeFileSync(bundle, changed);
  return {
    program: path.join(folder, 'dist/src/worker/main.js'),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
