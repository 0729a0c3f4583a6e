import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { INTERNAL_SIGNALS, QUERIES } from '../../src/contract/names.js';
import { shellQuoted } from '../../src/contract/shell.js';
import type { RunResult, Status } from '../../src/contract/status.js';
import { fetchHistory } from '../../src/record/fetch-history.js';
import { finalFailure } from '../../src/steps/failures.js';
import { withHeartbeat } from '../heartbeat.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';

/** Reads the whole record of a run of a fleet: its result in the history of the fleet is shortened. */
export function readApprovedRun(): PromotionActivities['readApprovedRun'] {
  return ({ run: { workflowId, runId } }) =>
    withHeartbeat(async () => {
      const handle = Context.current().client.workflow.getHandle(workflowId, runId);
      const status = await handle.query<Status>(QUERIES.status);
      if (status.mode !== 'failover' || status.ending?.state !== 'completed')
        throw finalFailure(
          'NotReady',
          `the run ${workflowId} (run ID ${runId}) has not completed, so its pair cannot be promoted; see why: sequence-failover status ${shellQuoted(workflowId)}; then start a new fleet`,
        );
      return { ...status, phase: 'done', outcome: 'handed-off' } satisfies RunResult;
    });
}

/** Ends the fleet before its history is read: a fleet that goes on could decide something else right after. */
export function settleFleet(): PromotionActivities['settleFleet'] {
  return async ({ fleet: { workflowId, runId } }) => {
    const { client } = Context.current();
    const handle = client.workflow.getHandle(workflowId, runId);
    await handle
      .terminate('it did not answer a promotion that was ready and waited for its decision')
      .catch(unlessGone);
    return (await hasOrderedSwitch(client, workflowId, runId)) ? 'switch' : 'undo';
  };
}

/** A fleet that has ended, or that was deleted, decides nothing any more. */
function unlessGone(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** Whether the history of a fleet has the order to switch, which it gives to all pairs or to none. */
export async function hasOrderedSwitch(client: Client, workflowId: string, runId: string): Promise<boolean> {
  const history = await fetchHistory(client, workflowId, runId);
  return (
    history?.events?.some(
      ({ signalExternalWorkflowExecutionInitiatedEventAttributes: signal }) =>
        signal?.signalName === INTERNAL_SIGNALS.fleetSwitch,
    ) ?? false
  );
}
