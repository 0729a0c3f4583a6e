import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { shellQuoted } from '../contract/shell.js';
import { UsageError } from './exit-codes.js';

/**
 * Waits for the start of a workflow.
 *
 * @param kind for the message, such as `run`
 * @throws UsageError if a workflow with this ID is open
 */
export async function unlessOpen<T>(
  kind: 'run' | 'promotion',
  workflowId: string,
  starting: Promise<T>,
): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new UsageError(
      `A ${kind} with the workflow ID ${workflowId} is open: look at it with "sequence-failover watch ${shellQuoted(workflowId)}", or choose another --workflow-id.`,
    );
  }
}
