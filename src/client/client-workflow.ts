import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { senderOf } from '../contract/messages.js';
import { QUERIES, SIGNALS } from '../contract/names.js';
import type { Refusal } from '../contract/gate.js';
import { endingOf, type WorkflowEnding } from './ending.js';
import { SignalRefusedError } from './signal-refused.js';
import { startOfWorkflow, type WorkflowStart } from './workflow-start.js';
import { ask, type Snapshot, snapshotOf, UnansweredError } from './snapshot.js';

/** Milliseconds between two queries while no worker answers. */
const ASK_AGAIN_AFTER_MS = 500;

/** How a decision is sent. */
export interface DecisionOptions {
  /**
   * As a signal instead of an update: the event of a signal names the caller whom the server authenticated, that of an update does not
   * (docs/reference/record-format.md).
   */
  signal?: boolean;
}

/** A workflow of this project that answers the query `status`, for a client. */
export abstract class ClientWorkflow<Result, Status> {
  protected readonly handle: WorkflowHandle;

  /** @param runId of a run that continued as new; default: the last */
  constructor(
    protected readonly client: Client,
    workflowId: string,
    private readonly runId?: string,
  ) {
    this.handle = client.workflow.getHandle(workflowId, runId);
  }

  get workflowId(): string {
    return this.handle.workflowId;
  }

  /** The answer of the query `status`. */
  async status(): Promise<Status> {
    return ask<Status>(this.client, this.handle, QUERIES.status);
  }

  /** The status of a workflow that has not ended, with the steps that Temporal is retrying. */
  async snapshot(): Promise<Snapshot<Status>> {
    return snapshotOf<Status>(this.client, this.handle);
  }

  /** Whether it has not ended. Temporal knows this without a worker. */
  async isOpen(): Promise<boolean> {
    return (await this.handle.describe()).status.name === 'RUNNING';
  }

  /** Waits for the end, across runs that continue as new. */
  async ending(): Promise<WorkflowEnding<Result, Status>> {
    return endingOf<Result, Status>(this.handle);
  }

  /** How it was started; null if the server no longer has that, or if the arguments cannot be decoded here. */
  async startedWith(): Promise<WorkflowStart | null> {
    return startOfWorkflow(this.client, this.workflowId, this.runId);
  }

  /** The last messages that the workflow has refused. */
  protected abstract refusalsOf(status: Status): readonly Refusal[];

  /**
   * Sends a decision as a signal. A signal has no answer, so its effect is read from the status. Like an update, it waits for as long as no worker
   * answers.
   *
   * @returns the status after the signal
   * @throws SignalRefusedError if the workflow has refused it
   */
  protected async decideBySignal(kind: 'approve' | 'reject', message: { by: string }): Promise<Status> {
    const before = new Set(this.refusalsOf(await this.answeredStatus()).map(identify));
    await this.handle.signal(SIGNALS[kind], message);
    // The server has a query answered only after the signals that came before it.
    const status = await this.answeredStatus();
    const senders = [senderOf([message]), message.by.trim()];
    const refusal = this.refusalsOf(status).find(
      (one) => one.kind === kind && senders.includes(one.by) && !before.has(identify(one)),
    );
    if (refusal !== undefined) throw new SignalRefusedError(refusal.reason);
    return status;
  }

  /** The status, as soon as a worker answers. */
  private async answeredStatus(): Promise<Status> {
    for (;;) {
      try {
        return await this.status();
      } catch (error) {
        if (!(error instanceof UnansweredError)) throw error;
      }
      // If nobody polls the task queue, the server says so at once.
      await delay(ASK_AGAIN_AFTER_MS);
    }
  }
}

const identify = ({ at, kind, by, reason }: Refusal) => JSON.stringify([at, kind, by, reason]);
