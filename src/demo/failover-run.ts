import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Phase, RunResult, SequenceRow, SequencesAnswer, Status } from '../contract/status.js';
import { until } from '../local/until.js';
import { TASK_QUEUE, WORKFLOW_TYPES } from '../contract/names.js';

/** Milliseconds between two looks at what a person may take hours for. */
const gatePollInterval = 500;

/** Whether there is nothing to do but decide. */
export const isAtGate = ({ phase, gate }: Status) =>
  phase === 'awaiting-approval' && (gate?.state === 'open' || gate?.state === 'blocked');

/** A run of the workflow, as a client sees it. */
export class FailoverRun {
  readonly #handle: WorkflowHandle;

  private constructor(handle: WorkflowHandle) {
    this.#handle = handle;
  }

  static async start(client: Client, workflowId: string, input: object): Promise<FailoverRun> {
    const handle = await client.workflow.start(WORKFLOW_TYPES.run, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
    });
    return new FailoverRun(handle);
  }

  async status(): Promise<Status> {
    return await this.#handle.query<Status>('status');
  }

  async rows(): Promise<SequenceRow[]> {
    const { rows } = await this.#handle.query<SequencesAnswer>('sequences');
    return rows;
  }

  /**
   * Waits until the run stands at its gate or has ended, telling its phase on the way.
   *
   * @throws Error after a minute
   */
  async settled(tell: (phase: Phase) => void): Promise<Status> {
    return await until(
      async () => {
        const status = await this.status();
        tell(status.phase);
        return status.phase === 'done' || isAtGate(status) ? status : undefined;
      },
      { timeout: 60_000, interval: 100, what: 'the run to come to its gate or to an end' },
    );
  }

  /** Waits until somebody has decided, by whatever way, or the signal says that nobody needs to know any more. */
  async decided(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && isAtGate(await this.status())) await delay(gatePollInterval);
  }

  /** Sends the update `decide`. @throws WorkflowUpdateFailedError, with the reason as its cause, where it cannot stand */
  async decide(decision: { decision: 'approve' | 'reject'; by: string; reason: string }): Promise<void> {
    await this.#handle.executeUpdate('decide', { args: [decision] });
  }

  /** The result, or the failure that the run ended with. */
  async outcome(): Promise<RunResult | ApplicationFailure> {
    try {
      return (await this.#handle.result()) as RunResult;
    } catch (error) {
      if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)
        return error.cause;
      throw error;
    }
  }
}
