import { ActivityFailure, patched, rootCause } from '@temporalio/workflow';
import { isOfType } from '../src/steps/failures.js';
import type { RecordReport, RecordRequest } from '../src/steps/page-steps.js';
import type { reading } from './activities.js';
import { isRunCancelled } from './ending.js';

/**
 * Writes the ledger. A failure never ends the run, since the history has the whole record.
 *
 * @returns why the ledger could not be written, null if it was written, or is off; and the digest of the record
 */
export async function recordInLedger(
  steps: Pick<typeof reading, 'recordBuffer'>,
  summary: string,
  input: RecordRequest,
): Promise<Pick<RecordReport, 'unavailable' | 'digest'>> {
  try {
    return await steps.recordBuffer.executeWithOptions({ summary }, [input]);
  } catch (error) {
    const isLedgers =
      error instanceof ActivityFailure && !isRunCancelled(error) && !isAboutThePair(error.cause);
    // Only in a case that would have ended the run in earlier versions, so that older histories replay.
    if (!isLedgers || !patched('ledger-never-fails')) throw error;
    return {
      unavailable: `the step that writes it could not be completed: ${rootCause(error) ?? error.message}`,
    };
  }
}

/** The pair's name or its standby's address now leads to another server. The run decides what that means. */
function isAboutThePair(cause: unknown): boolean {
  return isOfType(cause, ['NotReady', 'InvalidInput']);
}
