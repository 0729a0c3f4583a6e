import { CancellationScope, condition, defineSignal, setHandler } from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../src/contract/names.js';
import type { LockHolder } from '../../src/steps/identity.js';
import { takeFloods } from '../floods.js';

export const releaseSignal = defineSignal<[LockHolder]>(INTERNAL_SIGNALS.release);

/**
 * Holds a pair for one run, by nothing but its workflow ID. It outlives a continue-as-new of its holder; one
 * whose holder has closed without a release is ended by whoever wants the pair next.
 */
export async function pairLock(holder: LockHolder): Promise<void> {
  let released = false;
  const release = (by: LockHolder | undefined) => {
    released ||= by?.workflowId === holder.workflowId && by.runId === holder.runId;
  };
  takeFloods((name, [by]) => {
    if (name === releaseSignal.name) release(by as LockHolder | undefined);
  });
  setHandler(releaseSignal, release);
  // It is released, or ended by the next who wants the pair once its holder has closed, but not cancelled.
  await CancellationScope.nonCancellable(() => condition(() => released));
}
