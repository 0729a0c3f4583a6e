import { existsSync } from 'node:fs';
import path from 'node:path';

/** `dist`, whether this module runs from there or, in tests, from the sources. */
const here = import.meta.dirname;
const besides = path.resolve(here, '../..');
const dist = path.basename(besides) === 'dist' ? besides : path.join(besides, 'dist');

/** What `npm run build` made, by absolute path. */
export const artifacts = {
  workflows: path.join(dist, 'workflows/index.js'),
  workflowInterceptors: path.join(dist, 'src/worker/workflow-interceptors.js'),
  workflowBundle: path.join(dist, 'workflow-bundle.js'),
  payloadConverter: path.join(dist, 'src/worker/payload-converter.js'),
  /** TypeScript's own record of what it has compiled; written whenever something was. */
  buildInfo: path.join(dist, '.tsbuildinfo'),
  /** npm's own record of what is installed. */
  installedPackages: path.join(dist, '../node_modules/.package-lock.json'),
} as const;

/** @throws Error naming the command that makes what is missing. */
export function assertBuilt(): void {
  for (const file of [artifacts.workflowBundle, artifacts.payloadConverter]) {
    if (!existsSync(file)) throw new Error(`${file} is missing: run npm run build first`);
  }
}
