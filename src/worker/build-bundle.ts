/** Prebuilds the bundle of workflow code, so that a worker starts without webpack. Run by `npm run build`. */
import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { artifacts } from './artifacts.js';

const { code } = await bundleWorkflowCode({
  workflowsPath: artifacts.workflows,
  payloadConverterPath: artifacts.payloadConverter,
  logger: new DefaultLogger('WARN'),
});
await writeFile(artifacts.workflowBundle, code);
