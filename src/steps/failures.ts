import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../contract/failures.js';
import type { PromotionFailureType } from '../contract/promotion.js';
import type { SideOfPair } from '../contract/side.js';

/**
 * Failures of a step after which its run decides how to continue. All other failures of a step have types of the contract.
 *
 * - `…Unreachable`: the side cannot be reached, or refuses the connection.
 * - `Retryable`: another failure that may be temporary.
 * - `Unworkable`: a retry does not help, for example because a privilege or a role is missing, or the server is the wrong one. A run that
 *   begins ends as `NotReady`. A run that waits at its gate is blocked until a recheck succeeds.
 */
export type StepFailureType =
  'PrimaryUnreachable' | 'StandbyUnreachable' | 'LedgerUnreachable' | 'Retryable' | 'Unworkable';

/** The failure of a step that cannot reach a server. */
export const UNREACHABLE = {
  primary: 'PrimaryUnreachable',
  standby: 'StandbyUnreachable',
  ledger: 'LedgerUnreachable',
} as const satisfies Record<SideOfPair | 'ledger', StepFailureType>;

type KnownType = StepFailureType | FailureType | PromotionFailureType;

/** A failure with a type that workflows know. A type of the contract ends the run, or the promotion. */
export type TypedFailure<T extends KnownType = StepFailureType | FailureType> = ApplicationFailure & {
  type: T;
};

/** A failure that Temporal does not retry. @param details what the workflow learns besides the message */
export function finalFailure<T extends StepFailureType | FailureType>(
  type: T,
  message: string,
  ...details: unknown[]
): TypedFailure<T> {
  return ApplicationFailure.nonRetryable(message, type, ...details) as TypedFailure<T>;
}

/** A failure that Temporal retries. */
export function retryableFailure<T extends StepFailureType>(type: T, message: string): TypedFailure<T> {
  return ApplicationFailure.retryable(message, type) as TypedFailure<T>;
}

/** Whether an error is a failure of one of these types. */
export function isOfType<T extends KnownType>(error: unknown, types: readonly T[]): error is TypedFailure<T> {
  return error instanceof ApplicationFailure && (types as readonly unknown[]).includes(error.type);
}
