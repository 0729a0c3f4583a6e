import path from 'node:path';
import { WorkerProcess } from '../../../src/local/worker-process.js';
import { shortLived } from '../../node-options.js';

/** The main module of the worker in the build. */
export const main = path.resolve(import.meta.dirname, '../../../dist/src/worker/main.js');

/**
 * Starts a worker and waits until it is running.
 *
 * @param program its main module; default: that of the build
 */
export async function startWorker(env: Record<string, string>, program = main): Promise<WorkerProcess> {
  return (await WorkerProcess.start({ env, program, nodeOptions: shortLived })).untilRunning();
}
