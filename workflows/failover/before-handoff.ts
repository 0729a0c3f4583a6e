import {
  CancellationScope,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  rootCause,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { childId } from '../../src/steps/child-id.js';
import { startAgain } from '../../src/contract/start-again.js';
import { runFailure } from '../ending.js';
import { summary } from '../summary.js';
import { commandAgain } from './input-again.js';
import type { Run } from './run.js';

/**
 * Asks the operator's workflow, if the input names one, whether the failover may go on. Without an answer in time it may not.
 *
 * @throws ApplicationFailure `Vetoed`
 */
export async function askBeforeHandoff(run: Run): Promise<void> {
  const hook = run.input.hooks?.beforeHandoff;
  if (hook === undefined) return;
  const { workflowId, runId } = workflowInfo();
  const { pair, ticket, requestedBy, primary, standby, counts, minimumHeadroom, verifiedAt, handoff, gate } =
    run.status();
  try {
    await executeChild(hook.workflowType, {
      taskQueue: hook.taskQueue,
      workflowId: childId(workflowId, 'before-handoff'),
      workflowExecutionTimeout: hook.timeoutMs,
      args: [
        {
          ...{ purpose: 'before-handoff', pair, ticket, requestedBy, primary, standby },
          ...{ counts, minimumHeadroom, verifiedAt, handoff },
          approvals: gate?.approvals.map(({ by, at }) => ({ by, at })) ?? [],
          run: { workflowId, runId },
          ...(hook.input === undefined ? {} : { input: hook.input }),
        },
      ],
      staticSummary: summary(`before the handoff of ${pair ?? ''}`),
    });
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure) || CancellationScope.current().consideredCancelled)
      throw error;
    throw runFailure(
      'Vetoed',
      `${hook.workflowType} (hooks.beforeHandoff) ${describe(error, hook.timeout)}; nothing was handed off, and the sequences that were set stay set; ${startAgain('the cause is gone', commandAgain(run.input))}`,
    );
  }
}

function describe(error: ChildWorkflowFailure, timeout: string): string {
  if (error.cause instanceof TimeoutFailure)
    return `gave no answer within ${timeout}; check that a worker polls its task queue`;
  if (isCancellation(error)) return 'was cancelled';
  return `vetoed the handoff: ${rootCause(error) ?? error.message}`;
}
