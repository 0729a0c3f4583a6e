import { workflowInfo } from '@temporalio/workflow';
import { isOwnPromotion, type RunInput } from '../../src/contract/input.js';
import { startCommand } from '../../src/planning/remedies/start-command.js';
import type { DeepReadonly } from './deep-readonly.js';

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
 * primary, and so is `notBefore`: nobody waits with a primary that is gone.
 */
export function withoutPrimary(input: DeepReadonly<RunInput>): Record<string, unknown> {
  const { pair, mode, buffer, include, exclude, overrides, approval, handoff, requestedBy, ticket } = input;
  const { timeout, required, recheckEvery, from, requesterMayApprove } = approval;
  const { hooks, bufferReason } = input;
  return {
    pair,
    ...(mode === 'plan' ? { mode } : {}),
    primary: 'lost',
    ...(buffer === null ? {} : { buffer }),
    ...(include.length === 0 ? {} : { include }),
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(overrides.length === 0 ? {} : { overrides }),
    ...(mode === 'failover'
      ? { approval: { timeout, required, recheckEvery, from, requesterMayApprove } }
      : {}),
    ...(handoff === null || isOwnPromotion(handoff) ? {} : { handoff }),
    ...(hooks === undefined ? {} : { hooks: asWritten(hooks) }),
    ...(bufferReason === undefined ? {} : { bufferReason }),
    ...(requestedBy === null ? {} : { requestedBy }),
    ...(ticket === null ? {} : { ticket }),
  };
}

/** Without the duration in milliseconds, which can be computed. */
function asWritten({ beforeHandoff }: DeepReadonly<NonNullable<RunInput['hooks']>>): object {
  const { workflowType, taskQueue, input, timeout } = beforeHandoff;
  return { beforeHandoff: { workflowType, taskQueue, ...(input === undefined ? {} : { input }), timeout } };
}
