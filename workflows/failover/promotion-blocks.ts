import { patched, workflowInfo } from '@temporalio/workflow';
import { blocksPromotion } from '../../src/contract/finding-properties.js';
import { isOwnPromotion } from '../../src/contract/input.js';
import { MEMO } from '../../src/contract/names.js';
import {
  type OperatorQueue,
  type PromotionAhead,
  promotionAheadOf,
  rolesExcepted,
} from '../../src/contract/promotion-input.js';
import type { Finding } from '../../src/contract/status.js';
import { asPromotionBlock } from '../../src/planning/promotion/promotion-blocks.js';
import { isFleetMember } from './fleet-member.js';
import type { Run } from './run.js';

/** The findings of a run: if it leads to a promotion, what would block the promotion has to be accepted here. */
export function forHandoff({ memory: { handoff } }: Run, findings: Finding[]): Finding[] {
  return leads(handoff) ? promotionBlocks(findings) : findings;
}

function leads(handoff: Run['memory']['handoff']): boolean {
  return handoff === null ? isOfPromotedFleet() : isOwnPromotion(handoff);
}

/** Tells a recheck that a standby without an enabled subscription is a block. Earlier versions only warned. */
export function leadsToPromotion({ memory: { handoff } }: Run): { leadsToPromotion?: true } {
  return leads(handoff) && patched('subscription-at-gate') ? { leadsToPromotion: true } : {};
}

/** The findings as a promotion takes them. Earlier versions took them as warnings. */
export function promotionBlocks(findings: Finding[]): Finding[] {
  if (!findings.some(blocksPromotion) || !patched('left-behind')) return findings;
  return findings.map(asPromotionBlock);
}

/** The roles in `except` of the fence, if the run leads to a promotion. */
export function rolesExceptedFromFence({ memory: { handoff }, input }: Run): string[] {
  if (handoff !== null) return isOwnPromotion(handoff) ? rolesExcepted(input.handoff?.input) : [];
  const roles = isOfPromotedFleet() ? workflowInfo().memo?.[MEMO.fenceExcept] : undefined;
  return Array.isArray(roles) ? (roles as string[]) : [];
}

/** What the promotion depends on, if the run leads to one. Earlier versions did not look for what it would refuse. */
export function promotionAheadOfRun({ memory: { handoff }, input }: Run): PromotionAhead | null {
  if (handoff === null) {
    const ahead = isOfPromotedFleet() ? workflowInfo().memo?.[MEMO.promotion] : undefined;
    return (ahead as PromotionAhead | undefined) ?? null;
  }
  return isOwnPromotion(handoff) && patched('promotion-checked-at-gate')
    ? promotionAheadOf(input.handoff?.input)
    : null;
}

/** The task queues of the operators' workflows that the promotion runs, if the run leads to one. */
export function operatorsAheadOf({ memory: { handoff }, input }: Run): OperatorQueue[] {
  if (handoff !== null)
    return (isOwnPromotion(handoff) && promotionAheadOf(input.handoff?.input)?.operators) || [];
  const ahead = isOfPromotedFleet() ? workflowInfo().memo?.[MEMO.promotion] : undefined;
  return (ahead as PromotionAhead | undefined)?.operators ?? [];
}

/** Whether a fleet that hands off to `promoteFleet` started this run. */
function isOfPromotedFleet(): boolean {
  return isFleetMember() && workflowInfo().memo?.[MEMO.promoted] === true;
}
