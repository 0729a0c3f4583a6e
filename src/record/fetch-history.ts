import { type Client, isGrpcServiceError } from '@temporalio/client';
import type proto from '@temporalio/proto';

/** gRPC's code NOT_FOUND. The SDK's `fetchHistory` throws it unchanged, while other calls throw WorkflowNotFoundError. */
const NOT_FOUND = 5;

/** gRPC's codes are numbers of their own enumeration, which TypeScript does not compare with other numbers. */
const codeOf = ({ code }: { code: number }) => code;

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
    if (isGrpcServiceError(error) && codeOf(error) === NOT_FOUND) return null;
    throw error;
  }
}
