import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  executeChild,
  patched,
  rootCause,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { operatorQueues, type Operators, type OperatorWorkflow } from '../../src/contract/promotion-input.js';
import { operatorsFenceChange, type Undoable } from '../../src/planning/remedies/undo-statements.js';
import { childId } from '../../src/steps/child-id.js';
import type { Finding } from '../../src/contract/status.js';
import { watching } from '../activities.js';
import { summary } from '../summary.js';
import type { Promotion } from './promotion.js';

/** A workflow that raises a fence gets this long to end after its cancellation. Then it is asked to lift the fence nevertheless. */
const ENDED_AFTER_CANCELLATION = '10 seconds';

/** The purpose of an operator's workflow, a field of its argument. */
export type Purpose = 'fence' | 'lift-fence' | 'before-switch' | 'traffic';

/**
 * Runs an operator's workflow and waits for its end. Its argument has the purpose, the two servers, and its own input.
 *
 * @throws ChildWorkflowFailure
 */
export async function askOperator(
  promotion: Promotion,
  purpose: Purpose,
  workflow: OperatorWorkflow,
): Promise<unknown> {
  return runOperatorsWorkflow(
    purpose,
    workflow,
    factsFor(promotion),
    `${purpose} of the promotion of ${promotion.pair}`,
  );
}

/** The fence that an operator's workflow raises, with the command by which a person has it lifted. */
export function fenceOfOperator(promotion: Promotion, workflow: OperatorWorkflow): Undoable {
  const purpose = 'lift-fence';
  return operatorsFenceChange(
    workflow,
    childId(idFor(purpose, workflow), 'by-hand'),
    argumentFor(purpose, workflow, factsFor(promotion)),
  );
}

function factsFor({ pair, ticket, requestedBy, input, known }: Promotion): object {
  const { primary = null, standby = null } = known.readiness ?? {};
  return { pair, rehearsal: input.rehearse, ticket, requestedBy, primary, standby };
}

/**
 * Runs an operator's workflow with these facts and waits for its end.
 *
 * @throws ChildWorkflowFailure
 */
export async function runOperatorsWorkflow(
  purpose: Purpose,
  workflow: OperatorWorkflow,
  facts: object,
  what: string,
): Promise<unknown> {
  const waits = purpose === 'fence';
  const work = executeChild(workflow.workflowType, {
    taskQueue: workflow.taskQueue,
    workflowId: idFor(purpose, workflow),
    args: [argumentFor(purpose, workflow, facts)],
    cancellationType: waits
      ? ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED
      : ChildWorkflowCancellationType.TRY_CANCEL,
    staticSummary: summary(what),
  });
  return waits ? unlessItIgnoresCancellation(work) : work;
}

/**
 * A workflow that raises a fence may need some time after its cancellation. One that goes on nevertheless must not keep the promotion from
 * lifting the fence.
 *
 * @throws CancelledFailure
 */
async function unlessItIgnoresCancellation<T>(work: Promise<T>): Promise<T> {
  let isOver = false;
  const ignored = CancellationScope.current().cancelRequested.catch(async (cancelled: unknown) => {
    // Earlier versions waited for its end.
    if (isOver || !patched('fence-ignores-cancellation')) return work;
    await CancellationScope.nonCancellable(() =>
      sleep(ENDED_AFTER_CANCELLATION, { summary: 'wait for the cancelled fence' }),
    );
    throw cancelled;
  });
  try {
    return await Promise.race([work, ignored]);
  } finally {
    isOver = true;
  }
}

/** The workflow that lifts a fence has another ID than the one that raised it, and each promotion has its own IDs. */
function idFor(purpose: Purpose, { workflowId }: OperatorWorkflow): string {
  const { workflowId: mine, firstExecutionRunId } = workflowInfo();
  if (workflowId === undefined) return childId(mine, `${firstExecutionRunId.slice(-12)}/${purpose}`);
  return purpose === 'lift-fence' ? `${workflowId}/lift` : workflowId;
}

function argumentFor(purpose: Purpose, { input }: OperatorWorkflow, facts: object): object {
  const { workflowId, runId } = workflowInfo();
  return {
    ...{ purpose, ...facts },
    promotion: { workflowId, runId },
    ...(input === undefined ? {} : { input }),
  };
}

/** Looks for a worker on each task queue of these workflows. @returns HANDOFF_NO_WORKER for each queue without one */
export async function lookForWorkers(workflows: Operators): Promise<Finding[]> {
  const found = await Promise.all(
    operatorQueues(workflows).map(({ taskQueue, operators }) =>
      watching.checkHandoff.executeWithOptions(
        { summary: summary(`look for a worker on the task queue ${taskQueue}`) },
        [{ taskQueue, operators }],
      ),
    ),
  );
  return found.flat();
}

/** The reason why an operator's workflow failed; null for another error. */
export function whyItFailed(error: unknown): string | null {
  if (!(error instanceof ChildWorkflowFailure)) return null;
  return rootCause(error) ?? error.message;
}
