import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { findWorkflow, type Found } from '../client/find-workflow.js';
import { WORKFLOW_TYPES } from '../contract/names.js';
import { UsageError } from './exit-codes.js';

/** A workflow that a person has named: a run, a fleet or a promotion. */
export type Named = Exclude<Found, { kind: 'other' }>;

/** @throws UsageError with the command that finds the right one */
export async function findNamed(client: Client, workflowId: string): Promise<Named> {
  const list = `temporal workflow list --query "WorkflowType IN (${Object.values(WORKFLOW_TYPES)
    .map((type) => `'${type}'`)
    .join(', ')})"`;
  const found = await findWorkflow(client, workflowId).catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new UsageError(
      `There is no workflow ${workflowId} in the namespace ${client.options.namespace}. List the runs, fleets and promotions: ${list}`,
    );
  });
  if (found.kind !== 'other') return found;
  throw new UsageError(
    `The workflow ${workflowId} has the type ${found.type}: it is not a run, a fleet or a promotion. List those: ${list}`,
  );
}
