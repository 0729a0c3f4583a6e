import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  isCancellation,
  rootCause,
} from '@temporalio/workflow';
import {
  type DecideFailureType,
  FAILURE_TYPES,
  type FailureType,
  type FleetFailureType,
} from '../src/contract/failures.js';
import type { PromotionFailureType } from '../src/contract/promotion.js';
import { finalFailure, isOfType, type StepFailureType, type TypedFailure } from '../src/steps/failures.js';
import { cut } from '../src/contract/parsing/text.js';
import { shellQuoted } from '../src/contract/shell.js';

/** Long enough for every message of this project, and short enough for lists of failures. */
const MESSAGE_LENGTH = 4_000;

/** A failure that ends a run, a fleet or a promotion, with one of the documented types. */
export function runFailure(
  type: FailureType | FleetFailureType | PromotionFailureType,
  message: string,
  ...details: unknown[]
): ApplicationFailure {
  // A failure's message is a raw string of the protocol. The server would refuse a text that is not well-formed again and again.
  return ApplicationFailure.create({
    type,
    message: cut(message, MESSAGE_LENGTH),
    nonRetryable: true,
    details,
  });
}

/** The failure that the sender of an update receives. */
export function decideFailure(type: DecideFailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/**
 * This worker lacks the key to decode data that another worker of this project has written. The error must not be caught: then it fails
 * only the workflow task, which Temporal retries until a worker with the key takes it, and the run continues.
 */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';

  constructor(what: string) {
    super(`${what} cannot be decoded by this worker`);
  }
}

/**
 * The outermost catch of a page. Every error becomes a typed failure, since Temporal retries any other exception in workflow code for ever
 * instead of ending the workflow. A cancellation is passed on.
 */
export async function typedEnding<T>(work: () => Promise<T>, what: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isRunCancelled(error)) throw error;
    // A page only passes on a failure that may be temporary; the run decides what it means.
    const trouble = temporaryFailure(error);
    throw trouble === null ? toTypedFailure(error, what) : finalFailure(trouble.type, trouble.message);
  }
}

/** Whether the run itself was cancelled, and not only one of its children. */
export function isRunCancelled(error: unknown): boolean {
  return isCancellation(error) && CancellationScope.current().consideredCancelled;
}

/** @returns the failure itself if it has a documented type, or else one that says what a person can do */
function toTypedFailure(error: unknown, what: string): ApplicationFailure {
  const typed = causeOfType(FAILURE_TYPES, error);
  if (typed !== null) return typed;
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    const id = shellQuoted(error.workflowId);
    return runFailure(
      'NotReady',
      `a workflow with the ID ${id}, which this run needs, is running already; end it with: temporal workflow cancel --workflow-id ${id}, and start the run again`,
    );
  }
  if (error instanceof ActivityFailure) {
    return runFailure(
      'NotReady',
      `the step ${error.activityType} could not be completed: ${rootCause(error) ?? error.message}; fix the cause and start the run again`,
    );
  }
  return runFailure(
    'Internal',
    `${what} ended with an unexpected error: ${rootCause(error) ?? String(error)}; nothing was handed off; please report it with the history of this workflow: sequence-failover export <workflow ID>`,
  );
}

/**
 * Like {@link toTypedFailure}, for the run itself: a temporary failure that lasted too long becomes `NotReady`.
 *
 * @param withoutPrimary how to continue if it is the primary that cannot be reached
 */
export function toRunFailure(error: unknown, withoutPrimary = ''): ApplicationFailure {
  const trouble = temporaryFailure(error);
  if (trouble?.type === 'Unworkable') return runFailure('NotReady', trouble.message);
  if (trouble === null) return toTypedFailure(error, 'the run');
  const what = trouble.message.replace(/\.$/u, '');
  const goOn =
    trouble.type === 'PrimaryUnreachable' && withoutPrimary !== '' ? `${withoutPrimary}; otherwise ` : '';
  return runFailure('NotReady', `${what}; ${goOn}fix the cause and start the run again`);
}

/**
 * @returns the type of a temporary failure; `Retryable` if it has no type of its own and all retries failed; null if the failure is permanent
 */
export function temporaryFailure(error: unknown): TypedFailure<PassingType> | null {
  const known = causeOfType(TROUBLES, error);
  if (known !== null) return known;
  if (error instanceof ActivityFailure) {
    // The readiness check gives up by itself, with a failure that is not retried.
    if (!GAVE_UP.has(error.retryState) && causeOfType(RETRYABLE, error) === null) return null;
    const reason = `the step ${error.activityType} could not be completed: ${rootCause(error) ?? error.message}`;
    return finalFailure('Retryable', reason);
  }
  // The failure of a page.
  return causeOfType(RETRYABLE, error);
}

type PassingType = Exclude<StepFailureType, 'LedgerUnreachable'>;

const RETRYABLE = ['Retryable'] as const satisfies PassingType[];
const TROUBLES = ['PrimaryUnreachable', 'StandbyUnreachable', 'Unworkable'] as const satisfies PassingType[];
const GAVE_UP: ReadonlySet<string | undefined> = new Set(['MAXIMUM_ATTEMPTS_REACHED', 'TIMEOUT']);

/** Whether a step, or a child workflow, failed with this type. */
export function failedAs(error: unknown, type: FailureType): boolean {
  return causeOfType([type], error) !== null;
}

function causeOfType<T extends StepFailureType | FailureType>(
  types: readonly T[],
  error: unknown,
): TypedFailure<T> | null {
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure)
    return causeOfType(types, error.cause);
  return isOfType(error, types) ? error : null;
}
