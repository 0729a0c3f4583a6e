import { CancellationScope, CancelledFailure, ContinueAsNew, patched } from '@temporalio/workflow';
import { runFailure, UndecodableError } from '../ending.js';
import type { Run } from './run.js';

/**
 * Does the work until somebody rejects the failover. Then the work is cancelled, like a cancelled run: a step that sets values finishes and
 * is recorded, and no new step begins.
 *
 * @throws ApplicationFailure `Rejected`
 */
export async function unlessRejected<T>(run: Run, work: () => Promise<T>): Promise<T> {
  // A signal may have come before the run began.
  throwIfRejected(run);
  const scope = new CancellationScope();
  run.observe({
    rejected: () => {
      scope.cancel();
    },
  });
  try {
    const result = await scope.run(work);
    throwIfEnded(run);
    return result;
  } catch (error) {
    if (error instanceof ContinueAsNew || error instanceof UndecodableError) throw error;
    // If the run itself was cancelled, that is its ending. The record also shows the rejection.
    if (!CancellationScope.current().consideredCancelled) throwIfRejected(run);
    throw error;
  }
}

/**
 * A rejection or a cancellation may come in the same workflow task as the end of the last step, which then succeeds.
 *
 * @throws ApplicationFailure `Rejected`, or CancelledFailure
 */
function throwIfEnded(run: Run): void {
  const isCancelled = CancellationScope.current().consideredCancelled;
  // Earlier versions handed off nevertheless.
  if ((run.gate.memory.rejection === null && !isCancelled) || !patched('ended-before-handoff')) return;
  if (isCancelled) throw new CancelledFailure('the run was cancelled');
  throwIfRejected(run);
}

/** @throws ApplicationFailure `Rejected` */
export function throwIfRejected(run: Run): void {
  const { rejection } = run.gate.memory;
  if (rejection === null) return;
  throw runFailure(
    'Rejected',
    `${rejection.by} rejected the failover: ${rejection.reason}; nothing was handed off`,
  );
}
