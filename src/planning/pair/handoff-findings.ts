import { makeFinding } from '../../findings/make-finding.js';
import type { Finding } from '../../contract/status.js';
import { shellQuoted } from '../../contract/shell.js';

/**
 * An idle worker polls at least this often, in milliseconds, since a long poll ends after 60 seconds. The server lists a dead worker for
 * five more minutes.
 */
const POLLS_WITHIN_MS = 75_000;

/**
 * The workflow that will start on a task queue: the promotion, the workflow of `hooks.beforeHandoff`, or the workflows that a promotion runs,
 * by the fields of its input that name them. `isAhead`: a run looks for them before the promotion.
 */
export type StartsOn = 'promotion' | 'hook' | { operators: readonly string[]; isAhead?: true };

/** @param sinceLastPollMs for each worker that the server lists for the task queue: milliseconds since its last poll */
export function handoffWorker(
  taskQueue: string,
  sinceLastPollMs: readonly number[],
  starts: StartsOn = 'promotion',
): Finding[] {
  const least = Math.min(...sinceLastPollMs);
  if (least <= POLLS_WITHIN_MS) return [];
  const gone =
    sinceLastPollMs.length === 0 ? '' : `; the last worker polled it ${Math.round(least / 1000)} s ago`;
  const { consequence, worker, then } = missing(starts);
  return [
    makeFinding('HANDOFF_NO_WORKER', {
      ...(starts === 'hook' && { subject: 'hooks.beforeHandoff' }),
      ...(typeof starts === 'object' && starts.isAhead && { subject: starts.operators.join(' ') }),
      sequence: null,
      count: 1,
      message: `no worker polls the task queue ${taskQueue}${gone}, so ${consequence}`,
      remedy: `start ${worker}, check with: temporal task-queue describe --task-queue ${shellQuoted(taskQueue)}, and ${then}`,
    }),
  ];
}

function missing(starts: StartsOn): { consequence: string; worker: string; then: string } {
  if (starts === 'promotion')
    return {
      consequence: 'a promotion handed off to it would never start',
      worker: 'the promotion worker',
      then: 'wait for the next recheck',
    };
  if (starts === 'hook')
    return {
      consequence: 'hooks.beforeHandoff would give no answer there, which counts as a veto',
      worker: 'the worker of the hook',
      then: 'wait for the next recheck',
    };
  const { operators, isAhead = false } = starts;
  const isOne = operators.length === 1;
  return {
    consequence: `the workflow${isOne ? '' : 's'} of ${operators.join(', ')} would never start${isAhead ? ': the promotion would refuse it' : ''}`,
    worker: `the worker of ${isOne ? 'this workflow' : 'these workflows'}`,
    then: isAhead ? 'wait for the next recheck' : 'start the promotion again',
  };
}

/** The latest workflow with the workflow ID of the promotion. */
export interface EarlierPromotion {
  workflowId: string;
  runId: string;
  workflowType: string;
  /** The SDK's name of the status, such as `RUNNING`. */
  status: string;
}

/** The statuses after which WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY lets the handoff use the ID again. */
const MAY_START_AGAIN: ReadonlySet<string> = new Set(['FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/** A promotion can start if its ID is free, or if the last workflow with this ID did not complete. */
export function handoffId({ workflowId, runId, workflowType, status }: EarlierPromotion): Finding[] {
  if (MAY_START_AGAIN.has(status)) return [];
  const id = shellQuoted(workflowId);
  const taken = (message: string, remedy: string) =>
    makeFinding('HANDOFF_ID_TAKEN', { sequence: null, count: 1, subject: runId, message, remedy });
  const another = 'reject this run and start a new one with another workflowId in "handoff"';
  if (status === 'COMPLETED') {
    return [
      taken(
        `the workflow ID ${workflowId} of the promotion is used up: ${workflowType} has completed under it (run ${runId}), and a promotion never runs twice`,
        `${another}; or, if the history of that promotion is no longer needed, free the ID with: temporal workflow delete --workflow-id ${id}, and wait for a recheck: the server deletes within about a minute`,
      ),
    ];
  }
  return [
    taken(
      `the workflow ID ${workflowId} of the promotion is taken: ${workflowType} is running under it (run ${runId})`,
      `${another}; or, if that workflow should not run, end it with: temporal workflow terminate --workflow-id ${id}, and wait for the next recheck`,
    ),
  ];
}
