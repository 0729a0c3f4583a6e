import { lockWorkflowId } from '../src/contract/lock.js';
import type { Activities } from '../src/steps/activities.js';
import { takeLock } from './take-lock.js';

/** Takes the pair's lock, by its name. */
export function lockPair(): Activities['lockPair'] {
  return ({ pair, ...others }) =>
    takeLock({
      ...others,
      workflowId: lockWorkflowId(pair),
      what: `the pair ${pair}`,
      otherHolder: `another run on the pair ${pair}`,
    });
}
