import { type ApplicationFailure, ChildWorkflowFailure, rootCause } from '@temporalio/workflow';
import { PROMOTION_FAILURE_TYPES, type PromotionFailureType } from '../../src/contract/promotion.js';
import { cut } from '../../src/contract/parsing/text.js';
import { isOfType, type TypedFailure } from '../../src/steps/failures.js';
import { temporaryFailure, runFailure, toRunFailure } from '../ending.js';

const MESSAGE_LENGTH = 3_900;

/** A failure that ends the promotion. */
export function promotionFailure(
  type: PromotionFailureType,
  message: string,
  ...details: unknown[]
): ApplicationFailure {
  return runFailure(type, cut(message, MESSAGE_LENGTH), ...details);
}

export function isPromotionFailure(error: unknown): error is TypedFailure<PromotionFailureType> {
  return isOfType(error, PROMOTION_FAILURE_TYPES);
}

/**
 * The failure of a step, with a text about what was undone.
 *
 * @param whatBecame empty: no such text
 * @param touched whether anything had been changed by then
 */
export function failureOf(error: unknown, whatBecame: string, touched: boolean): ApplicationFailure {
  if (isPromotionFailure(error)) return promotionFailure(error.type, joined(error.message, whatBecame));
  if (error instanceof ChildWorkflowFailure) {
    const reason = `${error.workflowType} did not complete: ${rootCause(error) ?? error.message}`;
    return promotionFailure(touched ? 'StepFailed' : 'NotReady', joined(reason, whatBecame));
  }
  const failure = temporaryFailure(error) ?? toRunFailure(error);
  const isOwn = failure.type === 'Internal' || failure.type === 'InvalidInput';
  const type = isOwn ? (failure.type as PromotionFailureType) : touched ? 'StepFailed' : 'NotReady';
  return promotionFailure(type, joined(failure.message, whatBecame));
}

/** A message that ends with a statement has its semicolon already. */
function joined(message: string, whatBecame: string): string {
  const text = message.replace(/[.\s]+$/u, '');
  if (whatBecame === '') return text;
  return `${text}${text.endsWith(';') ? '' : ';'} ${whatBecame}`;
}
