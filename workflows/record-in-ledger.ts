import { ActivityFailure, patched, rootCause } from '@temporalio/workflow';
import { isOfType } from '../src/steps/failures.js';
import type { RecordRequest } from '../src/steps/page-steps.js';
import type { reading } from './activities.js';
import { isRunCancelled } from './ending.js';

/**
 * Writes the ledger. Whatever happens to it, it is never the end of a run: the history has the whole record.
 *
 * @returns why the ledger could not be written; null when it was, or is off
 */
export async function recordInLedger(
  steps: Pick<typeof reading, 'recordBuffer'>,
  summary: string,
  input: RecordRequest,
): Promise<string | null> {
  try {
    return (await steps.recordBuffer.executeWithOptions({ summary }, [input])).unavailable;
  } catch (error) {
    const isLedgers =
      error instanceof ActivityFailure && !isRunCancelled(error) && !isAboutThePair(error.cause);
    // Only where it would have ended the run before, so that older histories replay.
    if (!isLedgers || !patched('ledger-never-fails')) throw error;
    return `the step that writes it could not be completed: ${rootCause(error) ?? error.message}`;
  }
}

/** The pair's name or its standby's address leads elsewhere by now, which is for the run to decide. */
function isAboutThePair(cause: unknown): boolean {
  return isOfType(cause, ['NotReady', 'InvalidInput']);
}
