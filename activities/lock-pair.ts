import { lockWorkflowId } from '../src/contract/lock.js';
import type { Activities } from '../src/steps/activities.js';
import { takeLock } from './take-lock.js';

/** Takes the pair's lock, by its name. */
export function lockPair(): Activities['lockPair'] {
  return ({ pair, ...others }) =>
    takeLock({
      ...others,
      workflowId: lockWorkflowId(pair),
      of: `the pair ${pair}`,
      other: `another run on the pair ${pair}`,
    });
}
