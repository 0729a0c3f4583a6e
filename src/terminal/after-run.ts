import type { FailureType } from '../contract/failures.js';
import { commandWithInput, type GivenStart, idOption, textOption } from './command-with-input.js';

/** What a person does before the start, by the type of the failure. */
const beforeStart: Partial<Record<FailureType, string>> = {
  InvalidInput: 'correct the input, then ',
  NotReady: 'fix what is named above, then ',
  NotAhead: 'fix what is named above, then ',
  Vetoed: 'when the cause is gone, ',
  ApprovalTimedOut: 'when it is time, ',
};

/**
 * The next steps of a person after a run has failed: the command that starts it again, with its input.
 *
 * @param now milliseconds since the epoch
 */
export function afterFailedRun(type: string, { workflowId, input }: GivenStart, now: number): string[] {
  // The Schedule starts the next one.
  if (input['ifLocked'] === 'skip') return [];
  const before = Object.hasOwn(beforeStart, type) ? beforeStart[type as FailureType] : undefined;
  if (before === undefined) return [];
  return [`${before}start it again: ${startCommand({ workflowId, input: withoutPast(input, now) })}`];
}

/** The command that starts a run with this input and this workflow ID. */
function startCommand({ workflowId, input }: GivenStart): string {
  const { mode = 'failover', pair = 'default' } = input;
  const options = {
    ...(mode === 'failover' ? { mode: '' } : textOption(input, 'mode')),
    ...textOption(input, 'pair'),
    ...idOption(workflowId, `${String(mode)}-${String(pair)}`),
    ...textOption(input, 'ticket'),
    ...textOption(input, 'requestedBy', 'requested-by'),
  };
  return commandWithInput('start', options, input);
}

/** A run that may hand off no earlier than an instant that has passed would be refused. */
function withoutPast(input: GivenStart['input'], now: number): GivenStart['input'] {
  const { approval } = input;
  if (typeof approval !== 'object' || approval === null) return input;
  const { notBefore, ...others } = approval as { notBefore?: unknown };
  return typeof notBefore === 'string' && Date.parse(notBefore) <= now
    ? { ...input, approval: others }
    : input;
}
