/**
 * The worker for programs that run it themselves, as `sequence-failover/worker`: its configuration, its pairs, its activities, and
 * the prebuilt bundle of its workflows.
 */
export { createActivities } from '../../activities/index.js';
export type { Dependencies } from '../../activities/dependencies.js';
export { type Configuration, readConfiguration } from '../config/configuration.js';
export { artifacts } from './artifacts.js';
export { createWorker, type CreateWorkerOptions } from './create-worker.js';
export { createLog } from './log.js';
export { notifierOf } from './notifier.js';
export { OpenPairs } from './open-pairs.js';
