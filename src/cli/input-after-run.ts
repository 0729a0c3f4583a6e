import { promotionStart } from '../terminal/promotion-start.js';
import type { GivenInput } from '../terminal/command-with-input.js';
import { shellQuoted } from '../contract/shell.js';
import { UsageError } from './exit-codes.js';
import { findNamed } from './find-named.js';
import { withClient } from './temporal-client.js';

/**
 * The input of a promotion after a failover that handed off to nobody: its pair, ticket and requester, what it selected, and what its approvals
 * accepted and decided.
 *
 * @param given fields that replace those of the run
 * @throws UsageError if the run is not such a failover
 */
export async function inputAfterRun(workflowId: string, given: GivenInput): Promise<GivenInput> {
  const refuse = (why: string, next: string) =>
    new UsageError(`--after ${workflowId}: ${why}, so nothing was started. ${next}`);
  const id = shellQuoted(workflowId);
  const see = `See: sequence-failover status ${id}`;
  return withClient(async (client) => {
    const found = await findNamed(client, workflowId);
    if (found.kind !== 'run') throw refuse('it is not the run of one pair', see);
    if (await found.run.isOpen())
      throw refuse('it has not ended', `Wait for its end: sequence-failover watch ${id}`);
    const ending = await found.run.ending();
    if (ending.state !== 'completed') throw refuse(`it has ${ending.state}`, see);
    const { outcome, handoff } = ending.result;
    if (outcome !== 'handed-off') throw refuse('it is no failover', see);
    if (handoff !== null)
      throw refuse(
        `it has handed off to the workflow ${handoff.workflowId}`,
        `Follow that: temporal workflow describe --workflow-id ${shellQuoted(handoff.workflowId)}`,
      );
    // The result of a run of a fleet is shortened; the query has all of it.
    const record = { ...ending.result, ...(await found.run.status()) };
    const start = promotionStart(workflowId, [record, given]);
    return start?.input ?? given;
  });
}
