import { CancellationScope, ContinueAsNew } from '@temporalio/workflow';
import { runFailure, UndecodableError } from '../ending.js';
import type { Run } from './run.js';

/**
 * Does the work until somebody rejects the failover: then it is cancelled, as if the run were. Values that are being set
 * are set and recorded; what has not begun does not begin.
 *
 * @throws ApplicationFailure `Rejected`
 */
export async function unlessRejected<T>(run: Run, work: () => Promise<T>): Promise<T> {
  // By a signal that was there before the run began.
  throwIfRejected(run);
  const scope = new CancellationScope();
  run.observe({
    rejected: () => {
      scope.cancel();
    },
  });
  try {
    return await scope.run(work);
  } catch (error) {
    if (error instanceof ContinueAsNew || error instanceof UndecodableError) throw error;
    // The run itself was cancelled: that is its ending, and the record shows the rejection too.
    if (!CancellationScope.current().consideredCancelled) throwIfRejected(run);
    throw error;
  }
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
