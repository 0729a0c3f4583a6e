import type { Client } from '@temporalio/client';
import type proto from '@temporalio/proto';
import { GRPC_CODES, grpcErrorOf } from '../temporal/grpc-errors.js';

/**
 * Reads the history of a workflow from the server.
 *
 * @param runId default: the last run of the workflow
 * @returns null if there is no such run, or if it was deleted
 */
export async function fetchHistory(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<proto.temporal.api.history.v1.IHistory | null> {
  try {
    return await client.workflow.getHandle(workflowId, runId).fetchHistory();
  } catch (error) {
    // Other calls of the SDK throw WorkflowNotFoundError instead.
    if (grpcErrorOf(error)?.code === GRPC_CODES.notFound) return null;
    throw error;
  }
}
