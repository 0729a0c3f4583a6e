import type { CHECKLIST } from '../../src/contract/checklist.js';
import type { RunInput } from '../../src/contract/input.js';

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
