import type { PairIdentity } from '../../src/steps/identity.js';
import { pairOfOpenRun } from '../activity-failure.js';
import type { Dependencies, Pair } from '../dependencies.js';

/**
 * The pair that a promotion works on.
 *
 * @throws a failure that is retried, since another worker may know the pair
 */
export function pairOf({ pairs }: Pick<Dependencies, 'pairs'>, { pair }: PairIdentity): Pair {
  return pairOfOpenRun(pairs, pair, 'primary');
}
