/**
 * The worker for programs that run it themselves, as `sequence-failover/worker`: its configuration, its pairs, its activities, and
 * the prebuilt bundle of its workflows.
 */
export { createActivities } from '../../activities/index.js';
export type { Dependencies, Log, Notifier } from '../../activities/dependencies.js';
export type { EncryptionKeys } from '../config/encryption-keys.js';
export type { Listener } from '../config/listeners.js';
export type { NotifyConfiguration } from '../config/notify.js';
export type { LedgerPlace, PairConfiguration, Pairs, ReplicationUrls } from '../config/pairs.js';
export type { Secret } from '../config/secret.js';
export type { TemporalConfiguration } from '../config/temporal.js';
export type { LedgerOptions } from '../ledger/ledger.js';
export { type Configuration, type Versioning, readConfiguration } from '../config/configuration.js';
export { artifacts } from './artifacts.js';
export { codecFromEnvironment } from './codec-from-environment.js';
export { createWorker, type CreateWorkerOptions } from './create-worker.js';
export { createLog, type LogOptions } from './log.js';
export { notifierOf } from './notifier.js';
export { OpenPairs } from './open-pairs.js';
export { tracingOf } from './tracing-of.js';
export type { Tracing, WorkerTracing } from '../tracing/start-tracing.js';
export type { Protocol, TracingConfiguration } from '../config/tracing.js';
