import { pairFinding } from '../../src/findings/make-finding.js';
import type { Finding } from '../../src/contract/status.js';
import type { StepFailureType } from '../../src/steps/failures.js';
import { isRunCancelled, temporaryFailure } from '../ending.js';
import type { FindingIdentity } from '../../src/findings/finding-identity.js';
import type { Run } from './run.js';

/** The block that an approver can accept to continue without the primary. */
export const PRIMARY_UNREACHABLE: FindingIdentity = { code: 'PRIMARY_UNREACHABLE', sequence: null, count: 1 };

/**
 * At the gate, a side that cannot be reached, or another failure that may be temporary, becomes a finding instead of ending the run.
 *
 * @returns null if the work failed for such a reason
 */
export async function orFinding<T>(run: Run, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const trouble = temporaryFailure(error);
    if (trouble === null || isRunCancelled(error)) throw error;
    run.setFindings('watch', [troubleFinding(trouble.type, trouble.message)]);
    return null;
  }
}

/** @param type of the failure of a step */
export function troubleFinding(type: StepFailureType, why: string): Finding {
  switch (type) {
    case 'PrimaryUnreachable':
      return pairFinding(
        'PRIMARY_UNREACHABLE',
        why,
        'bring the primary back, or fix what the message names, and wait for the next recheck; or, if it is lost, approve with {"accept": ["PRIMARY_UNREACHABLE"]}: the sequences are then verified against its last reading, and only the buffer covers what it has used since',
      );
    case 'StandbyUnreachable':
      return pairFinding(
        'STANDBY_UNREACHABLE',
        why,
        'bring the standby back, or fix what the message names, and wait for the next recheck',
      );
    default:
      return pairFinding(
        'LOOK_FAILED',
        `the sequences could not be checked again: ${why}`,
        'fix the cause and wait for the next recheck',
      );
  }
}
