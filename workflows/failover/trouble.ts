import type { Finding } from '../../src/contract/status.js';
import type { StepFailureType } from '../../src/steps/failures.js';
import { isRunCancelled, passingTrouble } from '../ending.js';
import type { Block } from './gate-memory.js';
import type { Run } from './run.js';

/** The block that an approver may accept to go on without the primary. */
export const PRIMARY_UNREACHABLE: Block = { code: 'PRIMARY_UNREACHABLE', sequence: null, count: 1 };

/**
 * At the gate a side that cannot be reached, or any other trouble that may pass, is a finding and not the end of the run.
 *
 * @returns null when the work could not be done
 */
export async function unlessTroubled<T>(run: Run, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const trouble = passingTrouble(error);
    if (trouble === null || isRunCancelled(error)) throw error;
    run.found('watch', [toFinding(trouble.type, trouble.message)]);
    return null;
  }
}

function toFinding(type: StepFailureType, why: string): Finding {
  const block = { severity: 'block', sequence: null, count: 1 } as const;
  switch (type) {
    case 'PrimaryUnreachable':
      return {
        ...block,
        code: 'PRIMARY_UNREACHABLE',
        message: why,
        remedy:
          'bring it back and wait for the next recheck, or, when it is lost, approve with {"accept": ["PRIMARY_UNREACHABLE"]}: its last read then decides',
      };
    case 'StandbyUnreachable':
      return {
        ...block,
        code: 'STANDBY_UNREACHABLE',
        message: why,
        remedy: 'bring the standby back and wait for the next recheck',
      };
    default:
      return {
        ...block,
        code: 'LOOK_FAILED',
        message: `nothing is known of the sequences as they are now: ${why}`,
        remedy: 'mend the cause and wait for the next recheck',
      };
  }
}
