import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { PromotionAhead } from '../../src/contract/promotion-input.js';
import type { Finding } from '../../src/contract/status.js';
import { asHandoffBlocks } from '../../src/planning/promotion/handoff-blocks.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import type { PromotionCheckInput } from '../../src/steps/promotion-steps.js';
import type { Pair } from '../dependencies.js';
import { readObstacles } from './check-promotion.js';

/**
 * What the promotion would refuse after the approval, for a run that hands off to it. It changes nothing.
 *
 * @param ofRun the patterns of the run, which the promotion takes unless its input has its own
 */
export async function obstaclesAtHandoff(
  pair: Pair,
  identity: PairIdentity,
  { fence, failback, selection }: PromotionAhead,
  ofRun: NonNullable<PromotionCheckInput['selection']>,
): Promise<Finding[]> {
  const { include = [], exclude = [] } = selection ?? ofRun;
  const { findings } = await readObstacles(
    pair,
    { identity, fence, failback, selection: { include, exclude } },
    isRunning,
  );
  return asHandoffBlocks(findings);
}

/** A run holds no lock of the databases, and a check none at all, so another promotion may be running. */
async function isRunning({ workflowId, runId }: { workflowId: string; runId: string }): Promise<boolean> {
  try {
    const { status } = await Context.current().client.workflow.getHandle(workflowId, runId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
