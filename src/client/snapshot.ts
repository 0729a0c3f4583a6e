import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { INTERNAL_WORKFLOW_TYPES, QUERIES } from '../contract/names.js';
import { GRPC_CODES, grpcErrorOf } from '../temporal/grpc-errors.js';

/** The number of pages that work at once. */
const PAGES_AT_WORK = 3;

/** The time that a worker has to answer a query, in milliseconds. It may have to replay a long history first. */
const ANSWERED_WITHIN_MS = 15_000;

/** The server knows the workflow, but no worker has answered a query. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';

  constructor(workflowId: string, cause: unknown) {
    super(
      `No worker has answered for ${workflowId} within ${ANSWERED_WITHIN_MS / 1000} seconds. Start one: sequence-failover worker. To check those that run: sequence-failover doctor`,
      { cause },
    );
  }
}

/** A step that failed and that Temporal is retrying. */
export interface RetriedStep {
  /** The type of the activity. */
  step: string;
  /** The number of the present attempt, from 2 on. */
  attempt: number;
  /** Why the last attempt failed; null if the server does not say. */
  message: string | null;
}

/** A workflow at one moment. */
export type Snapshot<Status> = { isOpen: false } | { isOpen: true; status: Status; retries: RetriedStep[] };

/** Reads the status of a workflow that has not ended, and the steps that Temporal is retrying. */
export async function snapshotOf<Status>(client: Client, handle: WorkflowHandle): Promise<Snapshot<Status>> {
  const description = await handle.describe();
  if (description.status.name !== 'RUNNING') return { isOpen: false };
  const status = await ask<Status>(client, handle, QUERIES.status);
  return { isOpen: true, status, retries: await retriesOf(client, description) };
}

/**
 * Whether a failure of a query means that no worker has answered. The server answers `failedPrecondition` if nobody polls the task queue. At the
 * deadline, the server may end the call right before the client does, and gRPC calls that `cancelled`.
 *
 * @param leftMs the time until the deadline, in milliseconds; negative after it
 */
export function isUnanswered(code: number, leftMs: number): boolean {
  if (code === GRPC_CODES.cancelled) return leftMs <= DEADLINES_APART_MS;
  return code === GRPC_CODES.deadlineExceeded || code === GRPC_CODES.failedPrecondition;
}

/** How much earlier than the client's the server's deadline may be, in milliseconds. */
const DEADLINES_APART_MS = 500;

/** Queries a workflow. @throws UnansweredError */
export async function ask<T>(
  client: Client,
  handle: WorkflowHandle,
  type: string,
  ...args: object[]
): Promise<T> {
  const deadline = Date.now() + ANSWERED_WITHIN_MS;
  try {
    return await client.withDeadline(deadline, () => handle.query<T, object[]>(type, ...args));
  } catch (error) {
    const failure = grpcErrorOf(error);
    if (failure !== null && isUnanswered(failure.code, deadline - Date.now()))
      throw new UnansweredError(handle.workflowId, error);
    throw error;
  }
}

/** The steps of the workflow itself, and of the pages that are at work. */
async function retriesOf(client: Client, { raw }: WorkflowExecutionDescription): Promise<RetriedStep[]> {
  const pages = (raw.pendingChildren ?? []).filter(
    ({ workflowTypeName }) => workflowTypeName === INTERNAL_WORKFLOW_TYPES.page,
  );
  const described = await Promise.all(
    pages
      .slice(0, PAGES_AT_WORK)
      .map(({ workflowId, runId }) =>
        client.workflow.getHandle(workflowId ?? '', runId ?? undefined).describe(),
      ),
  );
  return [raw, ...described.map((page) => page.raw)].flatMap(({ pendingActivities }) =>
    (pendingActivities ?? []).flatMap(({ activityType, attempt, lastFailure }) =>
      (attempt ?? 1) < 2
        ? []
        : [
            {
              step: activityType?.name ?? '?',
              attempt: attempt ?? 1,
              message: lastFailure?.message ?? null,
            },
          ],
    ),
  );
}
