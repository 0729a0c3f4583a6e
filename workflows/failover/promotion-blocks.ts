import { patched, workflowInfo } from '@temporalio/workflow';
import { blocksPromotion } from '../../src/contract/finding-properties.js';
import { isOwnPromotion } from '../../src/contract/input.js';
import { MEMO } from '../../src/contract/names.js';
import type { Finding } from '../../src/contract/status.js';
import { asPromotionBlock } from '../../src/planning/promotion-blocks.js';
import { isFleetMember } from './fleet-member.js';
import type { Run } from './run.js';

/** The findings of a run: if it leads to a promotion, what would block the promotion has to be accepted here. */
export function forHandoff({ memory: { handoff } }: Run, findings: Finding[]): Finding[] {
  const leads = handoff === null ? isOfPromotedFleet() : isOwnPromotion(handoff);
  return leads ? promotionBlocks(findings) : findings;
}

/** The findings as a promotion takes them. Earlier versions took them as warnings. */
export function promotionBlocks(findings: Finding[]): Finding[] {
  if (!findings.some(blocksPromotion) || !patched('left-behind')) return findings;
  return findings.map(asPromotionBlock);
}

/** Whether a fleet that hands off to `promoteFleet` started this run. */
function isOfPromotedFleet(): boolean {
  return isFleetMember() && workflowInfo().memo?.[MEMO.promoted] === true;
}
