import { defineSignal } from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../src/contract/names.js';
import type { PromotionFailureType } from '../../src/contract/promotion.js';
import type { Server } from '../../src/contract/status.js';

/** Why a promotion, or a fleet of them, is undone. */
export interface Cause {
  type: PromotionFailureType;
  message: string;
}

/** What the promotion of a pair tells its fleet. */
export type MemberProgress = { pair: string } & (
  | { state: 'open' }
  /** Nothing but the fence is missing. */
  | { state: 'prepared'; primary: Server | null; standby: Server | null; notifies?: boolean }
  /** Its sequences were verified behind the fence. The standby has to be open at the deadline. */
  | { state: 'verified'; deadline: string }
  /** It waits for the order to switch, and does not undo anything by itself any more. */
  | { state: 'ready' }
  /** It is undoing everything by itself. */
  | ({ state: 'failed' } & Cause)
  /** The fleet has decided to switch, and the standby could not be opened: the pair is undoing everything by itself. */
  | ({ state: 'unopened' } & Cause)
  /** It is ready, and asks the fleet to undo all pairs. */
  | ({ state: 'asks' } & Cause)
);

export const progressSignal = defineSignal<[MemberProgress]>(INTERNAL_SIGNALS.promotionMember);
