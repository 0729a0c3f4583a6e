import { workflowInfo } from '@temporalio/workflow';
import type { LockHolder } from '../../src/steps/identity.js';
import { bookkeeping } from '../activities.js';
import type { Run } from './run.js';
import { failedAs } from '../ending.js';
import { summary } from '../summary.js';

/**
 * Takes the pair's lock, or proves that this run still has it. Two runs that write to one pair would undo each other's
 * promises: the second is refused, and one whose lock was taken from it ends.
 *
 * @param doing as the history shall say it
 * @throws ActivityFailure by `NotReady`, naming the other run, while that is open
 */
export async function lockPair(run: Run, doing = 'lock the pair'): Promise<void> {
  const { pair } = run.input;
  await bookkeeping.lockPair.executeWithOptions({ summary: summary(`${doing} ${pair}`) }, [
    { pair, holder: holder() },
  ]);
}

/**
 * Takes the pair's lock, if no other run has it. Nothing waits, and nothing else is looked at before: a run that only has to keep a standby
 * ahead is in nobody's way.
 *
 * @returns whether the pair is this run's
 */
export async function lockIfFree(run: Run): Promise<boolean> {
  try {
    await lockPair(run, 'lock, if it is free, the pair');
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
