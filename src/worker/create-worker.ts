import { readFile } from 'node:fs/promises';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerDeploymentOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { Dependencies } from '../../activities/dependencies.js';
import { createActivities } from '../../activities/index.js';
import { TASK_QUEUE } from '../contract/names.js';
import type { Versioning } from '../config/configuration.js';
import type { EncryptionKeys } from '../config/encryption-keys.js';
import type { WorkerTracing } from '../tracing/start-tracing.js';
import { TRACING_FLAG } from '../tracing/flag.js';
import { artifacts, assertBuilt } from './artifacts.js';
import { workerIdentity } from './identity.js';
import { encryptionCodec } from './encryption-codec.js';
import { pairInActivityLogs } from './log-attributes.js';
import { tolerantCodec } from './tolerant-codec.js';

/** The parts of a worker. */
export interface CreateWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  dependencies: Dependencies;
  /** Null, the default, for a worker without versioning. */
  versioning?: Versioning | null;
  /** Milliseconds that running activities have to finish after a shutdown began; default 10,000. */
  shutdownGraceMs?: number;
  /** Keys for payloads; none by default. A client's payload that cannot be decrypted does not fail the workflow task. */
  encryption?: EncryptionKeys;
  /** Exports spans of workflows and activities; not by default. */
  tracing?: WorkerTracing | null;
}

/** How long activities may take to end after they were cancelled at the end of the grace time, in milliseconds. */
const FORCE_AFTER_GRACE_MS = 10_000;

/**
 * A worker for all workflows and activities of this project, from the prebuilt bundle. `run()` starts it.
 * @throws Error if `npm run build` has not been run, or the namespace does not exist
 */
export async function createWorker(options: CreateWorkerOptions): Promise<Worker> {
  assertBuilt();
  const { connection, namespace, dependencies, shutdownGraceMs = 10_000 } = options;
  const { encryption = { current: null, others: [] }, tracing = null } = options;
  return Worker.create({
    connection,
    namespace,
    identity: workerIdentity(),
    taskQueue: TASK_QUEUE,
    workflowBundle: await workflowBundle(tracing !== null),
    activities: createActivities(dependencies),
    dataConverter: {
      payloadConverterPath: artifacts.payloadConverter,
      // Also without a key: the codec distinguishes encrypted payloads from invalid ones.
      payloadCodecs: [tolerantCodec(encryptionCodec(encryption))],
    },
    // Tracing is the outermost, so that its span covers the others.
    interceptors: { activity: [...(tracing === null ? [] : [tracing.activity]), pairInActivityLogs] },
    ...(tracing !== null && { sinks: tracing.sinks }),
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + FORCE_AFTER_GRACE_MS,
    // Most of them wait for one of the four connections to a side. More would only use memory.
    maxConcurrentActivityTaskExecutions: 40,
    // An activity learns that it was cancelled by the answer to a heartbeat.
    maxHeartbeatThrottleInterval: '1 second',
    // A run waits this long for the worker that has it in memory; then any worker gets it and replays it. By default 10 seconds, which a
    // killed worker would add to the outage of a promotion.
    stickyQueueScheduleToStartTimeout: '3 seconds',
    ...(options.versioning && { workerDeploymentOptions: deployment(options.versioning) }),
  });
}

/** With a variable in front of the code, by which the interceptors for tracing know that they are wanted. */
export async function workflowBundle(isTraced: boolean): Promise<WorkflowBundleOption> {
  if (!isTraced) return { codePath: artifacts.workflowBundle };
  const code = await readFile(artifacts.workflowBundle, 'utf8');
  return { code: `globalThis.${TRACING_FLAG} = true; ${code}` };
}

/** Runs move to the newest build by themselves, so that a gate that waits for days does not need an old worker. */
function deployment({ deploymentName, buildId }: Versioning): WorkerDeploymentOptions {
  return {
    version: { deploymentName, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  };
}
