import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder `dist`. This module runs from there, or, in tests, from the sources. */
const here = import.meta.dirname;
const besides = path.resolve(here, '../..');
const dist = path.basename(besides) === 'dist' ? besides : path.join(besides, 'dist');

/** Absolute paths of the files that `npm run build` makes. */
export const artifacts = {
  workflows: path.join(dist, 'workflows/index.js'),
  workflowInterceptors: path.join(dist, 'src/worker/workflow-interceptors.js'),
  tracingInterceptors: path.join(dist, 'src/tracing/workflow-interceptors.js'),
  workflowBundle: path.join(dist, 'workflow-bundle.js'),
  /** A part of the bundle, made with it. */
  preloadedModules: path.join(dist, 'preloaded-modules.cjs'),
  payloadConverter: path.join(dist, 'src/worker/payload-converter.js'),
  sources: path.join(dist, '../src'),
  compiledSources: path.join(dist, 'src'),
  /** TypeScript's build info. TypeScript writes it whenever it has compiled a file. */
  buildInfo: path.join(dist, '.tsbuildinfo'),
  /** npm's list of the installed packages. */
  installedPackages: path.join(dist, '../node_modules/.package-lock.json'),
} as const;

/** @throws Error that names the command which makes the missing file */
export function assertBuilt(): void {
  for (const file of [artifacts.workflowBundle, artifacts.payloadConverter]) {
    if (!existsSync(file)) throw new Error(`${file} is missing: run npm run build first`);
  }
}

const { version } = JSON.parse(readFileSync(path.join(dist, '../package.json'), 'utf8')) as {
  version: string;
};

/** The version of this software, as package.json has it. */
export const VERSION = version;
