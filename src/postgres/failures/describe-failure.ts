import { describeBlocker, inspectBlocker } from './blockers.js';
import type { Side } from '../endpoint.js';
import { classify } from './classify.js';
import type { Failure } from './narrow-down-failures.js';

/** A failure in words, without secrets. */
export interface DescribedFailure {
  reason: string;
  remedy: string;
  retryable: boolean;
}

export function describeFailure({ error, blocker }: Failure, side: Side): DescribedFailure {
  const { reason, remedy, retryable } = classify(error);
  if (!blocker) return { reason: `On the ${side}: ${reason}`, remedy, retryable };
  return {
    reason: `On the ${side} it is ${describeBlocker(blocker)}.`,
    remedy: `Let that transaction end; what it is: ${inspectBlocker(blocker)}`,
    retryable,
  };
}
