import type { FleetResult, FleetStatus } from '../contract/fleet-status.js';
import { WORKFLOW_TYPES } from '../contract/names.js';
import type { PromotionResult, PromotionStatus } from '../contract/promotion.js';
import type { PromotionFleetResult, PromotionFleetStatus } from '../contract/promotion-fleet.js';
import type { RunResult, Status } from '../contract/status.js';
import type { Refusals } from '../record/decisions.js';

/** The final status of a workflow, by its type; null while it is open, and after a termination. */
export type FinalStatus =
  | { kind: 'run'; status: Status | RunResult | null }
  | { kind: 'fleet'; status: FleetStatus | FleetResult | null }
  | { kind: 'promotion'; status: PromotionStatus | PromotionResult | null }
  | { kind: 'promotion-fleet'; status: PromotionFleetStatus | PromotionFleetResult | null };

/** @param type the type of the workflow */
export function finalOf(type: string, status: unknown): FinalStatus {
  if (type === WORKFLOW_TYPES.fleet) return { kind: 'fleet', status: status as FleetStatus | null };
  if (type === WORKFLOW_TYPES.promotion)
    return { kind: 'promotion', status: status as PromotionStatus | null };
  if (type === WORKFLOW_TYPES.promotionFleet)
    return { kind: 'promotion-fleet', status: status as PromotionFleetStatus | null };
  return { kind: 'run', status: status as Status | null };
}

/** The refusals that the final status has; null without a final status. */
export function refusalsOf({ kind, status }: FinalStatus): Refusals | null {
  if (status === null) return null;
  // A promotion does not count what it no longer keeps.
  if (kind === 'promotion' || kind === 'promotion-fleet')
    return { refused: status.refused, refusedCount: status.refused.length };
  return status.gate ?? { refused: [], refusedCount: 0 };
}

/** The digest of the record in the closing event; null if it has none. */
export function claimedDigest(status: FinalStatus['status']): string | null {
  return status !== null && 'recordDigest' in status ? (status.recordDigest ?? null) : null;
}

/** The outcome of a workflow that completed; null otherwise. */
export function outcomeOf(status: FinalStatus['status']): string | null {
  return status !== null && 'outcome' in status ? status.outcome : null;
}
