import { ApplicationFailure, ChildWorkflowFailure, rootCause } from '@temporalio/workflow';
import type { PromotionFailureType } from '../../src/contract/promotion.js';
import { cut } from '../../src/contract/parsing/text.js';
import { passingTrouble, toRunFailure } from '../ending.js';

const MESSAGE_LENGTH = 3_900;

const TYPES: ReadonlySet<string> = new Set<PromotionFailureType>([
  ...(['InvalidInput', 'NotReady', 'NotAhead', 'Rejected', 'Vetoed', 'Cancelled'] as const),
  ...(['BudgetExceeded', 'StepFailed', 'Unfinished', 'Internal'] as const),
]);

/** A failure that ends the promotion, by one of the types that callers can rely on. */
export function promotionFailure(
  type: PromotionFailureType,
  message: string,
  ...details: unknown[]
): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: cut(message, MESSAGE_LENGTH),
    nonRetryable: true,
    details,
  });
}

export function isPromotionFailure(error: unknown): error is ApplicationFailure {
  return error instanceof ApplicationFailure && TYPES.has(error.type ?? '');
}

/**
 * Whatever ended a step, with what became of all that was done.
 *
 * @param touched whether anything had been changed by then
 */
export function failureOf(error: unknown, whatBecame: string, touched: boolean): ApplicationFailure {
  if (isPromotionFailure(error))
    return promotionFailure(error.type as PromotionFailureType, `${error.message}; ${whatBecame}`);
  if (error instanceof ChildWorkflowFailure) {
    const reason = `${error.workflowType} did not complete: ${rootCause(error) ?? error.message}`;
    return promotionFailure(touched ? 'StepFailed' : 'NotReady', `${reason}; ${whatBecame}`);
  }
  const failure = passingTrouble(error) ?? toRunFailure(error);
  const isOwn = failure.type === 'Internal' || failure.type === 'InvalidInput';
  const type = isOwn ? (failure.type as PromotionFailureType) : touched ? 'StepFailed' : 'NotReady';
  return promotionFailure(type, `${failure.message.replace(/[.\s]+$/u, '')}; ${whatBecame}`);
}
