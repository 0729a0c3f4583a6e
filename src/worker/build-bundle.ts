/**
 * Makes the bundle of workflow code during `npm run build`, so that a worker starts without webpack. If the bundle is newer
 * than the compiled code and the installed packages, it is not made again.
 */
import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { artifacts } from './artifacts.js';
import { preloadedModules } from './preloaded-modules.js';

/** Milliseconds since the epoch; 0 for a file that does not exist. */
const modifiedAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const madeFrom = [artifacts.buildInfo, artifacts.installedPackages];
if (modifiedAt(artifacts.workflowBundle) <= Math.max(...madeFrom.map(modifiedAt))) {
  await writeFile(artifacts.preloadedModules, preloadedModules(artifacts.sources, artifacts.compiledSources));
  const { code } = await bundleWorkflowCode({
    workflowsPath: artifacts.workflows,
    workflowInterceptorModules: [artifacts.workflowInterceptors, artifacts.tracingInterceptors],
    payloadConverterPath: artifacts.payloadConverter,
    preloadModules: [artifacts.preloadedModules],
    // Without the text of the sources, which only the SDK's option `showStackTraceSources` uses: a worker takes a sixth less memory.
    webpackConfigHook: (config) => ({ ...config, devtool: 'inline-nosources-source-map' }),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(artifacts.workflowBundle, code);
}
