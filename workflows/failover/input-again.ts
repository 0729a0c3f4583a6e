import { workflowInfo } from '@temporalio/workflow';
import { APPROVAL_DEFAULTS } from '../../src/contract/approval-input.js';
import type { RunInput } from '../../src/contract/input.js';
import { startCommand } from '../../src/planning/remedies/start-command.js';
import type { DeepReadonly } from './deep-readonly.js';

const defaults: Readonly<Record<string, unknown>> = APPROVAL_DEFAULTS;

/** The command that starts this run again, with the same input. */
export function commandAgain(input: DeepReadonly<RunInput>): string {
  const { workflowId, taskQueue } = workflowInfo();
  return startCommand({ taskQueue, workflowId, input: inputAgain(input) });
}

/** The fields of an input that differ from the defaults, except `notBefore`: by then that instant has passed. */
export function inputAgain(input: DeepReadonly<RunInput>): Record<string, unknown> {
  const { pair, mode, primary, buffer, include, exclude, overrides, handoff, requestedBy, ticket } = input;
  const { hooks, bufferReason, approval } = input;
  const { timeout, required, recheckEvery, replicationTimeout, from, requesterMayApprove } = approval;
  const decided = Object.entries({
    ...{ timeout, required, recheckEvery, replicationTimeout, from, requesterMayApprove },
  }).filter(([name, value]) => value !== undefined && value !== defaults[name]);
  return {
    pair,
    ...(mode === 'failover' ? {} : { mode }),
    ...(primary === undefined ? {} : { primary }),
    ...(buffer === null ? {} : { buffer }),
    ...(include.length === 0 ? {} : { include }),
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(overrides.length === 0 ? {} : { overrides }),
    ...(decided.length === 0 ? {} : { approval: Object.fromEntries(decided) }),
    ...(handoff === null ? {} : { handoff }),
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
