import type { RunInput } from '../../src/contract/input.js';

/** The failover checklist, in the order in which it is worked through. */
export const CHECKLIST = {
  synchronize: 'Synchronize the sequences',
  verify: 'Verify that all sequences are ahead of the primary',
  record: 'Record the buffer that was used',
  approve: 'Approve the failover',
  handOff: 'Hand off to promotion',
} as const;

export type ChecklistStep = keyof typeof CHECKLIST;

/** The steps that belong to a mode. */
export function stepsOf(mode: RunInput['mode']): ChecklistStep[] {
  switch (mode) {
    case 'check':
    case 'plan':
      return [];
    case 'verify':
      return ['verify'];
    case 'sync':
      return ['synchronize', 'verify', 'record'];
    case 'failover':
      return ['synchronize', 'verify', 'record', 'approve', 'handOff'];
  }
}
