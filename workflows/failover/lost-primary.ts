import { workflowInfo } from '@temporalio/workflow';
import { isOwnPromotion, type RunInput } from '../../src/contract/input.js';
import { startCommand } from '../../src/planning/remedies/start-command.js';
import type { DeepReadonly } from './deep-readonly.js';
import { inputAgain } from './input-again.js';

/**
 * The advice for a primary that is gone for good: the command that starts a run without it, with the same input otherwise.
 */
export function lostPrimaryAdvice(input: DeepReadonly<RunInput> | null): string {
  if (input === null) return '';
  const { workflowId, taskQueue } = workflowInfo();
  // An ID that begins with another mode, such as check-, would not tell that this run sets sequences.
  const id = input.mode === 'failover' || input.mode === 'plan' ? workflowId : `failover-${input.pair}`;
  return `if the primary is gone for good, start a run without it: ${startCommand({
    taskQueue,
    workflowId: `${id}-lost`,
    input: withoutPrimary(input),
  })}`;
}

/**
 * The fields that differ from the defaults. Every mode but `plan` becomes `failover`. `promoteStandby` is left out, because it needs the
 * primary.
 */
export function withoutPrimary(input: DeepReadonly<RunInput>): Record<string, unknown> {
  const { mode, handoff } = input;
  const { pair, ...others } = inputAgain({
    ...input,
    mode: mode === 'plan' ? mode : 'failover',
    handoff: handoff === null || isOwnPromotion(handoff) ? null : handoff,
  });
  return { pair, primary: 'lost', ...others };
}
