import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';

/** How a workflow has ended. */
export type WorkflowEnding<Result, Status> =
  | { state: 'completed'; result: Result }
  | { state: 'failed'; type: string; message: string; status: Status | null }
  | { state: 'cancelled' }
  /** Somebody terminated it, or its time ran out: the workflow itself could not conclude anything. */
  | { state: 'terminated'; message: string };

/** Waits for the end, across runs that continue as new. */
export async function endingOf<Result, Status>(
  handle: WorkflowHandle,
): Promise<WorkflowEnding<Result, Status>> {
  try {
    return { state: 'completed', result: (await handle.result()) as Result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure) {
      const status = (cause.details?.[0] ?? null) as Status | null;
      return { state: 'failed', type: cause.type ?? 'Internal', message: cause.message, status };
    }
    if (cause instanceof CancelledFailure) return { state: 'cancelled' };
    if (cause instanceof TerminatedFailure || cause instanceof TimeoutFailure)
      return { state: 'terminated', message: cause.message };
    throw error;
  }
}
