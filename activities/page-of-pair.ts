import type { PageRange, PairIdentity } from '../src/steps/identity.js';
import type { Pair } from './dependencies.js';

/** A page of the sequences of a pair. */
export interface PageOfPair {
  pair: Pair;
  /** The servers that the run has begun with: another server is refused. */
  identity: PairIdentity;
  range: PageRange;
}
