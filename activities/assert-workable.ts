import { finalFailure } from '../src/steps/failures.js';
import { type PairState, refusals } from '../src/planning/pair/readiness-findings.js';

/** @throws ApplicationFailure `NotReady` for an obstacle that no approval can overrule */
export function assertWorkable(state: PairState): void {
  const [refusal] = refusals(state);
  if (refusal !== undefined) throw finalFailure('NotReady', refusal);
}
