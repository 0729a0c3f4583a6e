import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Readiness } from './health-server.js';

/** How long Temporal may take to answer, in milliseconds: less than the one second that a Kubernetes probe waits. */
const ANSWER_WITHIN_MS = 800;

/** A worker is ready if it polls and Temporal answers. A worker that is shutting down is not ready. */
export class WorkerReadiness {
  #polling: { worker: Worker; connection: NativeConnection; namespace: string } | null = null;

  started(worker: Worker, connection: NativeConnection, namespace: string): void {
    this.#polling = { worker, connection, namespace };
  }

  async check(): Promise<Readiness> {
    if (this.#polling === null) return { ready: false, worker: 'STARTING', temporal: false };
    const { worker, connection, namespace } = this.#polling;
    const state = worker.getState();
    if (state !== 'RUNNING') return { ready: false, worker: state };
    const temporal = await connection
      .withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
        connection.workflowService.describeNamespace({ namespace }),
      )
      .then(
        () => true,
        () => false,
      );
    return { ready: temporal, worker: state, temporal };
  }
}
