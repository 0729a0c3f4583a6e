import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { LockHolder } from '../src/contract/steps.js';

export const releaseSignal = defineSignal<[LockHolder]>('release');

/**
 * Holds a pair for one run, by nothing but its workflow ID. It outlives a continue-as-new of its holder; one
 * whose holder has closed without a release is ended by whoever wants the pair next.
 */
export async function pairLock(holder: LockHolder): Promise<void> {
  let released = false;
  setHandler(releaseSignal, (by: LockHolder | undefined) => {
    released ||= by?.workflowId === holder.workflowId && by.runId === holder.runId;
  });
  await condition(() => released);
}
