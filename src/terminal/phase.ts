import { setsSequences } from '../contract/modes.js';
import { plural } from '../contract/plural.js';
import type { FleetPhase } from '../contract/fleet-status.js';
import type { Mode } from '../contract/input.js';
import type { PromotionPhase, PromotionStatus } from '../contract/promotion.js';
import type { PromotionFleetPhase } from '../contract/promotion-fleet.js';
import type { Gate } from '../contract/gate.js';
import type { Phase } from '../contract/status.js';

const words: Record<Phase, string> = {
  checking: 'Checking that both sides are ready',
  synchronizing: 'Setting the sequences of the standby',
  verifying: 'Verifying that the standby is ahead',
  recording: 'Recording the buffer that was used',
  'awaiting-approval': 'Waiting at the gate',
  'handing-off': 'Handing off',
  done: 'Ended',
};

/** A description of the phase of a run. @param mode null if it is not known */
export function phaseInWords(phase: Phase, mode: Mode | null): string {
  return phase === 'synchronizing' && mode !== null && !setsSequences(mode)
    ? 'Reading the sequences of both sides, and computing their targets'
    : words[phase];
}

/** The phases of a run in this mode, in their order, each with a short name. */
export function phasesOf(mode: Mode | null): { phase: Phase; name: string }[] {
  const gated = mode === 'failover';
  const sets = mode !== null && setsSequences(mode);
  const proves = sets || mode === 'verify';
  return [
    { phase: 'checking', name: 'check' },
    { phase: 'synchronizing', name: sets ? 'set' : 'compute' },
    ...(proves ? [{ phase: 'verifying' as const, name: 'verify' }] : []),
    ...(sets ? [{ phase: 'recording' as const, name: 'record' }] : []),
    ...(gated ? [{ phase: 'awaiting-approval' as const, name: 'gate' }] : []),
    ...(gated ? [{ phase: 'handing-off' as const, name: 'hand off' }] : []),
  ];
}

/** A description of the gate's state. */
export function gateInWords({ state, required, approvals, blockedBy, heldUntil }: Gate): string {
  const missing = Math.max(0, required - approvals.length);
  switch (state) {
    case 'closed':
      return 'closed until every sequence is verified';
    case 'open':
      if (heldUntil !== undefined) return `approved, waits until ${heldUntil}`;
      return `open, waits for ${plural(missing, 'approval')}`;
    case 'blocked':
      return `blocked by ${plural(blockedBy.length, 'block')}`;
    case 'approved':
      return 'approved, verifying once more';
    case 'rejected':
      return 'rejected';
    case 'timed-out':
      return 'not approved in time';
  }
}

const fleetWords: Record<FleetPhase, string> = {
  listing: 'Listing the pairs',
  preparing: 'Preparing the pairs',
  'awaiting-approval': 'Waiting for approval',
  finishing: 'Finishing',
  done: 'Ended',
};

/** A description of the phase of a fleet. */
export function fleetPhaseInWords(phase: FleetPhase): string {
  return fleetWords[phase];
}

const promotionWords: Record<PromotionPhase, string> = {
  'before-the-switch': 'Preparing; the primary still takes writes',
  outage: 'Switching; the primary takes no writes',
  undoing: 'Undoing; the primary will take writes again',
  switched: 'Switched; the standby takes writes',
  done: 'Ended',
};

/** A description of the phase of a promotion. */
export function promotionPhaseInWords(status: Pick<PromotionStatus, 'phase' | 'changes'>): string {
  return status.phase === 'undoing' && !isFenced(status)
    ? 'Undoing; the primary takes writes'
    : promotionWords[status.phase];
}

/** Whether a promotion that undoes its steps has not lifted its fence yet. The standby's setting belongs to the same step. */
export function isFenced({ changes = [] }: Pick<PromotionStatus, 'changes'>): boolean {
  return changes.some(({ step, where }) => step === 'fence' && where !== 'standby');
}

const promotionFleetWords: Record<PromotionFleetPhase, string> = {
  listing: 'Listing the pairs',
  preparing: 'Preparing the pairs; the primaries still take writes',
  outage: 'Switching; the primaries take no writes',
  undoing: 'Undoing; the primaries will take writes again',
  switched: 'Switched; the standbys take writes',
  done: 'Ended',
};

/** A description of the phase of a fleet of promotions. */
export function promotionFleetPhaseInWords(phase: PromotionFleetPhase): string {
  return promotionFleetWords[phase];
}
