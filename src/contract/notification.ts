import type { FleetGateState, FleetStatus } from './fleet-status.js';
import type { Mode } from './input.js';
import type { Counts, Ending, GateState, Headroom, Phase } from './status.js';

/** The events that are notified. */
export type NotificationEvent = 'gate-opened' | 'gate-blocked' | 'topped-up' | 'timing-out' | 'ended';

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
  phase: Phase | FleetStatus['phase'];
  gate: NotifiedGate | NotifiedFleetGate | null;
  /** The sequences of a run; absent for a fleet. */
  counts?: Counts;
  /** Of a fleet with the pair. */
  minimumHeadroom: (Headroom & { pair?: string }) | null;
  /** Of `topped-up`: how many sequences since the last notification of this kind. */
  toppedUp?: number;
  /** The pairs of a fleet by phase; absent for a run. */
  pairs?: FleetStatus['counts'];
  /** Of `ended`. */
  ending: Ending | null;
}

/** The gate as a notification shows it. */
export interface NotifiedGate {
  state: GateState;
  approvals: number;
  required: number;
  deadline: string | null;
  /** At most 20. */
  blockedBy: { code: string; sequence: string | null }[];
  blockedCount: number;
}

/** The gate of a fleet: each pair has its own, with its approvals and its deadline. */
export interface NotifiedFleetGate {
  state: FleetGateState;
  /** At most 20, of the pairs that wait. */
  blockedBy: { pair: string; code: string; sequence: string | null }[];
  blockedCount: number;
}
