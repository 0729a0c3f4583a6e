import { workflowInfo } from '@temporalio/workflow';
import type { LockHolder } from '../../src/steps/identity.js';
import type { LockInput } from '../../src/steps/readiness.js';
import { locking } from '../activities.js';
import type { Run } from './run.js';
import { failedAs } from '../ending.js';
import { summary } from '../summary.js';

/**
 * Takes the pair's lock for a run that begins. If a standing watch holds the lock, this waits until it has released it. If the primary is lost, the watch could only
 * wait in vain for the primary, so it is cancelled.
 */
export async function takeLock(run: Run): Promise<void> {
  const { mode, primary } = run.input;
  const others = primary === 'lost' ? 'cancel' : 'wait';
  await lockPair(run, 'lock the pair', mode === 'sync' ? { passing: true } : { ifPassing: others });
}

/**
 * Takes the pair's lock, or checks that this run still has it. Two runs must not write to one pair, so the second is refused, and a run that
 * has lost its lock ends.
 *
 * @param doing the summary of the step in the history
 * @throws ActivityFailure caused by `NotReady`, which names the other run, while that run is open
 */
export async function lockPair(
  run: Run,
  doing: string,
  options: Omit<LockInput, 'pair' | 'holder'> = {},
): Promise<void> {
  const { pair } = run.input;
  await locking.lockPair.executeWithOptions({ summary: summary(`${doing} ${pair}`) }, [
    { pair, holder: holder(), ...options },
  ]);
}

/**
 * Takes the pair's lock if no other run has it, without waiting and before anything is read, so that a standing watch does not disturb other
 * runs.
 *
 * @returns whether this run has the lock
 */
export async function lockIfFree(run: Run): Promise<boolean> {
  try {
    await lockPair(run, 'lock, if it is free, the pair', { passing: true });
    return true;
  } catch (error) {
    if (failedAs(error, 'NotReady')) return false;
    throw error;
  }
}

/** This run, by the first of its continue-as-new chain. */
export function holder(): LockHolder {
  const { workflowId, firstExecutionRunId: runId } = workflowInfo();
  return { workflowId, runId };
}
