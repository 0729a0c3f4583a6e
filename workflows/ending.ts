import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  isCancellation,
  rootCause,
} from '@temporalio/workflow';
import type { FleetFailureType } from '../src/contract/fleet-status.js';
import { UNWORKABLE } from '../src/steps/step-failures.js';
import type { FailureType } from '../src/contract/status.js';
import { cut } from '../src/contract/parsing/text.js';

/** Long enough for every message of ours, short enough for every list in which failures are shown. */
const MESSAGE_LENGTH = 4_000;

/** A failure that ends the run, by one of the types that callers can rely on. */
export function runFailure(
  type: FailureType | FleetFailureType,
  message: string,
  ...details: unknown[]
): ApplicationFailure {
  // A failure's message is a raw string of the protocol: one that is not well-formed would be refused for ever.
  return ApplicationFailure.create({
    type,
    message: cut(message, MESSAGE_LENGTH),
    nonRetryable: true,
    details,
  });
}

/**
 * What this project's own workers have written cannot be decoded by this one, for want of a key. Uncaught, it fails the
 * task alone, which is tried again until a worker with the key takes it: no reason to end a healthy run.
 */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';

  constructor(what: string) {
    super(`${what} cannot be decoded by this worker`);
  }
}

/**
 * The outermost catch of a page: whatever is thrown becomes a typed failure, since any other exception in
 * workflow code is retried for ever instead of ending the workflow. A cancellation passes.
 */
export async function typedEnding<T>(work: () => Promise<T>, what: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isRunCancelled(error)) throw error;
    // The run decides what a trouble that may pass means; a page only passes it on.
    const trouble = passingTrouble(error);
    throw trouble === null
      ? toTypedFailure(error, what)
      : ApplicationFailure.nonRetryable(trouble.message, trouble.type);
  }
}

/** Whether it is the run itself that was cancelled, and not one of its children by somebody else's hand. */
export function isRunCancelled(error: unknown): boolean {
  return isCancellation(error) && CancellationScope.current().consideredCancelled;
}

/** @returns the failure itself when it is typed already, else one that says what a person can do about it */
function toTypedFailure(error: unknown, what: string): ApplicationFailure {
  const typed = causeOfType(TYPES, error);
  if (typed !== null) return typed;
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    const id = JSON.stringify(error.workflowId);
    return runFailure(
      'NotReady',
      `a workflow with the ID ${id}, which this run needs, is running already; end it with: temporal workflow cancel --workflow-id ${id}, and start the run again`,
    );
  }
  if (error instanceof ActivityFailure) {
    return runFailure(
      'NotReady',
      `the step ${error.activityType} could not be completed: ${rootCause(error) ?? error.message}; mend the cause and start the run again`,
    );
  }
  return runFailure(
    'Internal',
    `${what} ended with an unexpected error: ${rootCause(error) ?? String(error)}; nothing was handed off; please report it with the workflow's history`,
  );
}

/**
 * As {@link toTypedFailure}, for the run itself, where a trouble that may pass has lasted too long: `NotReady`.
 *
 * @param withoutPrimary how to go on where the primary is what cannot be reached
 */
export function toRunFailure(error: unknown, withoutPrimary = ''): ApplicationFailure {
  const trouble = passingTrouble(error);
  if (trouble?.type === UNWORKABLE) return runFailure('NotReady', trouble.message);
  if (trouble === null) return toTypedFailure(error, 'the run');
  const what = trouble.message.replace(/\.$/u, '');
  const goOn =
    trouble.type === 'PrimaryUnreachable' && withoutPrimary !== '' ? `${withoutPrimary}; else ` : '';
  return runFailure('NotReady', `${what}; ${goOn}mend it and start the run again`);
}

/**
 * @returns why a step could not be done, of the type `PrimaryUnreachable`, `StandbyUnreachable` (a side that refuses the
 * connection among them), {@link UNWORKABLE} or, for all else that did not pass although it was tried again and again, `Retryable`; null for
 * what will not pass
 */
export function passingTrouble(error: unknown): ApplicationFailure | null {
  const known = causeOfType(KNOWN, error);
  if (known !== null) return known;
  if (error instanceof ActivityFailure) {
    // The readiness check gives up by itself, and says so by a failure that is not tried again.
    if (!GAVE_UP.has(error.retryState) && causeOfType(PASSING, error) === null) return null;
    const reason = `the step ${error.activityType} could not be completed: ${rootCause(error) ?? error.message}`;
    return ApplicationFailure.nonRetryable(reason, RETRYABLE);
  }
  // Of a page.
  return causeOfType(PASSING, error);
}

const RETRYABLE = 'Retryable';
const PASSING: ReadonlySet<string> = new Set([RETRYABLE]);
const GAVE_UP: ReadonlySet<string | undefined> = new Set(['MAXIMUM_ATTEMPTS_REACHED', 'TIMEOUT']);
const KNOWN: ReadonlySet<string> = new Set(['PrimaryUnreachable', 'StandbyUnreachable', UNWORKABLE]);
const TYPES: ReadonlySet<string> = new Set<FailureType>([
  'InvalidInput',
  'NotReady',
  'NotAhead',
  'Rejected',
  'ApprovalTimedOut',
  'HandoffFailed',
  'Internal',
]);

/** Whether a step, or a child workflow, failed with this type. */
export function isOfType(error: unknown, type: FailureType): boolean {
  return causeOfType(new Set<string>([type]), error) !== null;
}

function causeOfType(types: ReadonlySet<string>, error: unknown): ApplicationFailure | null {
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure)
    return causeOfType(types, error.cause);
  return error instanceof ApplicationFailure && types.has(error.type ?? '') ? error : null;
}
