import { ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';

/** Whether the worker of a run or a promotion that has failed notifies: the second detail of its failure, after its status, says so. */
export function failureNotifies(error: unknown): boolean {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  const [, settings] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  return (settings as { notifies?: boolean } | null | undefined)?.notifies === true;
}
