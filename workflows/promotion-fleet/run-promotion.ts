import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  ParentClosePolicy,
  rootCause,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { MEMO, WORKFLOW_TYPES } from '../../src/contract/names.js';
import { isUndecodable } from '../../src/contract/parsing/undecodable.js';
import type { PromotionFleetInput } from '../../src/contract/promotion-fleet-input.js';
import {
  PROMOTION_TASK_TIMEOUT,
  type PromotionFailureType,
  type PromotionStatus,
} from '../../src/contract/promotion.js';
import { shellQuoted } from '../../src/contract/shell.js';
import { UndecodableError } from '../ending.js';
import { failureNotifies } from '../failure-notifies.js';
import type { promoteStandby } from '../promotion/promote-standby.js';
import { runningAlreadyText } from '../refusal-texts.js';
import { summary } from '../summary.js';
import type { Orders } from './orders.js';
import type { Member, MemberEnding } from './promoted-pairs.js';
import type { PromotionFleet } from './promotion-fleet.js';

/** The input of the promotion of one pair. */
export function promotionInput(
  { defaults, entries }: PromotionFleetInput,
  { pair, entry, approvedRun }: Pick<Member, 'pair' | 'entry' | 'approvedRun'>,
  { ticket, requestedBy }: Pick<PromotionFleetInput, 'ticket' | 'requestedBy'>,
): object {
  // The approved run has its own ticket and requester.
  const own = approvedRun === null ? { ticket, requestedBy } : {};
  const known = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null));
  return { ...known, ...defaults, ...entries[entry]?.input, pair };
}

/** Promotes one pair, and notes how it ended. It never throws. */
export async function runPromotion(fleet: PromotionFleet, orders: Orders, member: Member): Promise<void> {
  const { workflowId, pair, approvedRun } = member;
  try {
    const child = await startChild<typeof promoteStandby>(WORKFLOW_TYPES.promotion, {
      workflowId,
      args: [promotionInput(fleet.input, member, fleet.input)],
      memo: {
        [MEMO.fleet]: workflowInfo().workflowId,
        ...(approvedRun === null ? {} : { [MEMO.approvedRun]: approvedRun }),
      },
      // If the fleet is terminated, each promotion undoes its steps, unless the fleet had decided to switch.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      workflowTaskTimeout: PROMOTION_TASK_TIMEOUT,
      staticSummary: summary(pair),
    });
    orders.add(child);
    const result = await child.result();
    if (isUndecodable(result)) throw new UndecodableError(`the result of ${workflowId}`);
    fleet.ended(member, { outcome: result.outcome, status: result });
  } catch (error) {
    if (error instanceof UndecodableError) fleet.breakOff(error);
    else {
      fleet.hear(failureNotifies(error));
      fleet.ended(member, toEnding(error, workflowId));
    }
  }
}

function outcomeOf(type: PromotionFailureType): 'undone' | 'unfinished' | 'not-undone' {
  if (type === 'NotUndone') return 'not-undone';
  return type === 'Unfinished' ? 'unfinished' : 'undone';
}

function toEnding(error: unknown, workflowId: string): MemberEnding {
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    const message = runningAlreadyText(workflowId);
    return { outcome: 'undone', cause: { type: 'NotReady', message }, status: null };
  }
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const type = (cause.type ?? 'Internal') as PromotionFailureType;
    const status = (cause.details?.[0] ?? null) as PromotionStatus | null;
    return { outcome: outcomeOf(type), cause: { type, message: cause.message }, status };
  }
  if (cause instanceof CancelledFailure)
    return { outcome: 'undone', cause: { type: 'Cancelled', message: 'it was cancelled' }, status: null };
  const message = `its promotion was ended from outside, and nothing of it was undone: ${rootCause(error) ?? String(error)}; what is left to undo or to finish, with its statements: sequence-failover status ${shellQuoted(workflowId)}`;
  return { outcome: 'terminated', cause: { type: 'StepFailed', message }, status: null };
}
