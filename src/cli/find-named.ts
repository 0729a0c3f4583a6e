import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { findWorkflow, type ProductWorkflow } from '../client/find-workflow.js';
import { UsageError } from './exit-codes.js';

/** @throws UsageError with the command that finds the right one */
export async function findNamed(client: Client, workflowId: string): Promise<ProductWorkflow> {
  const found = await findWorkflow(client, workflowId).catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new UsageError(
      `There is no workflow ${workflowId} in the namespace ${client.options.namespace}. List those that are open: sequence-failover list; and those that have ended: sequence-failover list --closed`,
    );
  });
  if (found.kind !== 'other') return found;
  throw new UsageError(
    `The workflow ${workflowId} has the type ${found.type}: it is not a run, a fleet or a promotion. List those: sequence-failover list`,
  );
}
