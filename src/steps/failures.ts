import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../contract/failures.js';
import type { PromotionFailureType } from '../contract/promotion.js';

/**
 * How a step fails where what follows is for its run to decide. All other types of its failures are those of the contract.
 *
 * - A side is `…Unreachable` also where it refuses the connection.
 * - `Retryable` is anything else that may heal.
 * - No repetition cures what is `Unworkable`, for want of a privilege, a role or the right server. It ends a run that is beginning as
 *   `NotReady`; one that waits at its gate is blocked until a recheck finds it cured.
 */
export type StepFailureType =
  'PrimaryUnreachable' | 'StandbyUnreachable' | 'LedgerUnreachable' | 'Retryable' | 'Unworkable';

type KnownType = StepFailureType | FailureType | PromotionFailureType;

/** A failure of a type that workflows know; a type of the contract ends the run, or the promotion, with it. */
export type TypedFailure<T extends KnownType = StepFailureType | FailureType> = ApplicationFailure & {
  type: T;
};

/** A failure that Temporal does not try again. */
export function finalFailure<T extends StepFailureType | FailureType>(
  type: T,
  message: string,
): TypedFailure<T> {
  return ApplicationFailure.nonRetryable(message, type) as TypedFailure<T>;
}

/** A failure that Temporal tries again. */
export function retryableFailure<T extends StepFailureType>(type: T, message: string): TypedFailure<T> {
  return ApplicationFailure.retryable(message, type) as TypedFailure<T>;
}

export function isOfType<T extends KnownType>(error: unknown, types: readonly T[]): error is TypedFailure<T> {
  return error instanceof ApplicationFailure && (types as readonly unknown[]).includes(error.type);
}
