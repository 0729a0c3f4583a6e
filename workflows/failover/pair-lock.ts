import { CancellationScope, condition, defineSignal, setHandler } from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../src/contract/names.js';
import type { LockHolder } from '../../src/steps/identity.js';
import { handleFloods } from '../floods.js';

export const releaseSignal = defineSignal<[LockHolder]>(INTERNAL_SIGNALS.release);

/**
 * Holds the lock of a pair for one run. The lock is the workflow ID, which only one open workflow can have. It stays during a
 * continue-as-new of the holder. If the holder has closed without releasing it, the next run that wants the pair ends it.
 */
export async function pairLock(holder: LockHolder): Promise<void> {
  let released = false;
  const release = (by: LockHolder | undefined) => {
    released ||= by?.workflowId === holder.workflowId && by.runId === holder.runId;
  };
  handleFloods((name, [by]) => {
    if (name === releaseSignal.name) release(by as LockHolder | undefined);
  });
  setHandler(releaseSignal, release);
  // A lock cannot be cancelled. It ends when its holder releases it, or when the next run finds that its holder has closed.
  await CancellationScope.nonCancellable(() => condition(() => released));
}
