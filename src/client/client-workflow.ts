import type { Client, WorkflowHandle } from '@temporalio/client';
import { QUERIES } from '../contract/names.js';
import { endingOf, type WorkflowEnding } from './ending.js';
import { ask, type Snapshot, snapshotOf } from './snapshot.js';

/** A workflow of this project that answers the query `status`, for a client. */
export abstract class ClientWorkflow<Result, Status> {
  protected readonly handle: WorkflowHandle;

  /** @param runId of a run that continued as new; default: the last */
  constructor(
    protected readonly client: Client,
    workflowId: string,
    runId?: string,
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

  /** Waits for the end, across runs that continue as new. */
  async ending(): Promise<WorkflowEnding<Result, Status>> {
    return endingOf<Result, Status>(this.handle);
  }
}
