import type { FleetGateState, FleetStatus } from './fleet-status.js';
import type { Mode } from './input.js';
import type { PromotionPhase } from './promotion.js';
import type { PromotedPairOutcome, PromotionFleetPhase } from './promotion-fleet.js';
import type { BlockName, GateState } from './gate.js';
import type { Counts, Ending, Headroom, Phase } from './status.js';

/** The events of a run or a fleet that are notified. */
export type RunEvent = 'gate-opened' | 'gate-blocked' | 'topped-up' | 'timing-out' | 'ended';

/** All events that are notified: `started` is of a promotion. */
export type NotificationEvent = RunEvent | 'started';

/** The body that is posted to NOTIFY_URL: docs/reference/notifications.md. Times are ISO 8601 in UTC. */
export interface Notification {
  event: NotificationEvent;
  /** The same for every attempt to deliver it, and for no other notification. At most 100 letters, digits and hyphens. */
  id: string;
  at: string;
  /** One short paragraph for people, which chat systems show. */
  text: string;
  workflowId: string;
  /** The first run of a continue-as-new chain. */
  firstRunId: string;
  /** Null for a fleet, and before the input was read. */
  pair: string | null;
  mode: Mode | null;
  ticket: string | null;
  requestedBy: string | null;
  phase: Phase | FleetStatus['phase'] | PromotionPhase | PromotionFleetPhase;
  gate: NotifiedGate | NotifiedFleetGate | null;
  /** The sequences of a run; absent for a fleet. */
  counts?: Counts;
  /** The least headroom; in a notification of a fleet, with its pair. */
  minimumHeadroom: (Headroom & { pair?: string }) | null;
  /** Of `topped-up`: how many sequences since the last notification of this kind. */
  toppedUp?: number;
  /** The pairs of a fleet by phase; absent for a run. */
  pairs?: FleetStatus['counts'];
  /** Of a promotion, or a fleet of them; absent otherwise. */
  promotion?: NotifiedPromotion;
  /** Of `ended`. */
  ending: Ending | null;
}

/** A promotion, or a fleet of them, as a notification shows it. */
export interface NotifiedPromotion {
  rehearsal: boolean;
  outageBudget: string | null;
  /** From the fence to the open standby, or to the last one of a fleet; of a rehearsal what it predicts. Null if no standby was opened. */
  outageMs: number | null;
  /** How many commands are left for a person to run; the status has them. */
  leftovers: number;
  /** Of a fleet: how many of its pairs ended in which way. */
  outcomes?: NotifiedOutcomes;
}

/** The pairs of a fleet of promotions by their outcome. An outcome that no pair has is absent. */
export type NotifiedOutcomes = { total: number } & Partial<Record<PromotedPairOutcome, number>>;

/** The gate as a notification shows it. */
export interface NotifiedGate {
  state: GateState;
  approvals: number;
  required: number;
  deadline: string | null;
  /** At most 20. */
  blockedBy: BlockName[];
  blockedCount: number;
}

/** The gate of a fleet: each pair has its own, with its approvals and its deadline. */
export interface NotifiedFleetGate {
  state: FleetGateState;
  /** At most 20, of the pairs that wait. */
  blockedBy: ({ pair: string } & BlockName)[];
  blockedCount: number;
}
