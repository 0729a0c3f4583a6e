import type { Client } from '@temporalio/client';
import type proto from '@temporalio/proto';
import { GRPC_CODES, grpcErrorOf } from '../temporal/grpc-errors.js';
import { decodePayloads } from './decode-payloads.js';

type Started = proto.temporal.api.history.v1.IWorkflowExecutionStartedEventAttributes;

/** How a workflow was started. */
export interface WorkflowStart {
  args: readonly unknown[];
  /** Whether another workflow started it. */
  isChild: boolean;
}

/**
 * How a workflow was started, from the first event of its first run.
 *
 * @param runId default: the last run
 * @returns null if the server no longer has that history, or if the arguments cannot be decoded here
 */
export async function startOfWorkflow(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<WorkflowStart | null> {
  let started = await startedEvent(client, workflowId, runId);
  // After a continue-as-new, the arguments are the memory of the run.
  if (started?.continuedExecutionRunId)
    started = await startedEvent(client, workflowId, started.firstExecutionRunId ?? undefined);
  if (started === null) return null;
  const args = await decodePayloads(client, started.input?.payloads ?? []).catch(() => null);
  return args && { args, isChild: started.parentWorkflowExecution != null };
}

async function startedEvent(client: Client, workflowId: string, runId?: string): Promise<Started | null> {
  const { namespace } = client.options;
  const execution = { workflowId, ...(runId !== undefined && { runId }) };
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      ...{ namespace, execution, maximumPageSize: 1 },
    });
    return history?.events?.[0]?.workflowExecutionStartedEventAttributes ?? null;
  } catch (error) {
    if (grpcErrorOf(error)?.code === GRPC_CODES.notFound) return null;
    throw error;
  }
}
