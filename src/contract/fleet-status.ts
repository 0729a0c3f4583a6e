import type { Mode } from './input.js';
import type { BlockName, Refusal } from './gate.js';
import type { Counts, Ending, Finding } from './status.js';

/** The phase of a fleet. `done` begins when every pair has ended. */
export type FleetPhase = 'listing' | 'preparing' | 'awaiting-approval' | 'finishing' | 'done';

/**
 * The phase of one pair of a fleet: not started, on its way to its gate, waiting at its gate, decided but not ended yet,
 * ended. `concurrency` limits only how many pairs are `preparing`.
 */
export type MemberPhase = 'queued' | 'preparing' | 'waiting' | 'deciding' | 'done';

/** How a pair of a fleet ended; `pending` while it has not. */
export type FleetOutcome =
  | 'ready'
  | 'planned'
  | 'verified'
  | 'synchronized'
  | 'handed-off'
  | 'failed'
  | 'rejected'
  | 'cancelled'
  | 'pending';

/** One pair as the query `pairs` shows it. */
export interface FleetRow {
  pair: string;
  workflowId: string;
  phase: MemberPhase;
  /** The state of the pair's own gate, as last reported; null before it opened. */
  gate: 'open' | 'blocked' | null;
  outcome: FleetOutcome;
  /** The type of its failure, such as `NotReady`; null if it has not failed. */
  failure: string | null;
  /** Why it failed, at most 500 characters. */
  message: string | null;
  counts: Counts | null;
  minimumHeadroom: { sequence: string; calls: string } | null;
  approvals: number;
  /** Present while its gate has all approvals and waits for `approval.notBefore`. */
  heldUntil?: string | undefined;
  /** The blocks at its gate: at most 20 of `blockedCount`. */
  blockedBy: BlockName[];
  blockedCount: number;
  /** The last message that its gate refused; `refusedCount` counts all. */
  refused: Refusal | null;
  refusedCount: number;
}

/** A decision that the fleet passed on. */
export interface FleetDecision {
  at: string;
  kind: 'approve' | 'reject' | 'resynchronize';
  by: string;
  reason: string | null;
  /** The first ten; null means all pairs. */
  pairs: string[] | null;
  /** The first ten. */
  accept: string[];
  /** Sequences whose rows were decided, the first ten; absent for none. */
  ignoreRows?: string[];
  raisePastRows?: string[];
  /** The number of pairs that got the decision, or that it ended before they began. */
  addressed: number;
}

/**
 * `closed` while a pair is still being prepared (decisions then have to name their pairs), `open` when all pairs that have
 * not ended wait for approval, `blocked` when at least one of them has blocks, `decided` when no pair waits.
 */
export type FleetGateState = 'closed' | 'open' | 'blocked' | 'decided';

/** A block of a pair, with what to do about it, as the pair's own `findings` have it; texts may be cut. */
export interface DescribedBlock {
  code: string;
  sequence: string | null;
  message: string;
  remedy: string;
}

/** A pair that needs a person. */
export type FleetAttention = Pick<FleetRow, 'pair' | 'gate' | 'blockedBy' | 'blockedCount' | 'refused'> & {
  /** The first five blocks; fewer if their texts are long. If very many pairs have blocks, only the first pairs have them here. */
  blocks: DescribedBlock[];
};

/** A pair to which a decision could not be applied. */
export interface FleetRefusal {
  pair: string;
  reason: string;
}

/** The answer of a fleet to the update `decide`, if the fleet passes the decision on. */
export interface FleetDecideAnswer {
  state: FleetGateState;
  /** The number of pairs that the decision is sent to. The gate of each pair then judges it. */
  addressed: number;
  /** With `partial`: the pairs that it is not sent to, at most 200 of `refusedCount`. */
  refused: FleetRefusal[];
  refusedCount: number;
}

/** The one gate of a fleet, through which decisions go to every pair. */
export interface FleetGate {
  state: FleetGateState;
  /** The last 50; `decisionsCount` counts all. */
  decisions: FleetDecision[];
  decisionsCount: number;
  /** Messages that the fleet itself refused: the last 50; `refusedCount` counts all. */
  refused: Refusal[];
  refusedCount: number;
  /** Pairs that wait and are blocked, or whose gate refused the last decision: at most 200 of `attentionCount`. */
  attention: FleetAttention[];
  attentionCount: number;
}

/** The answer of a fleet's query `status`, and `details[0]` of its failure: at most 512 KiB. */
export interface FleetStatus {
  phase: FleetPhase;
  mode: Mode | null;
  startedAt: string;
  ticket: string | null;
  requestedBy: string | null;
  concurrency: number | null;
  /** The number of pairs in each phase. */
  counts: Record<MemberPhase, number> & { total: number };
  outcomes: Record<FleetOutcome, number>;
  /** The sum over all pairs that have reported their counts. */
  sequences: Counts;
  /** The minimum over all pairs, as last reported. */
  minimumHeadroom: { pair: string; sequence: string; calls: string } | null;
  /** Findings about the list of databases. Findings about a pair are in the pair's own status. */
  findings: Finding[];
  gate: FleetGate | null;
  /** At most 200 of `failuresCount`, the message cut at 300 characters. */
  failures: { pair: string; failure: string; message: string }[];
  failuresCount: number;
  /** Null until the fleet has ended. */
  ending: Ending | null;
}

/** The result of a completed fleet: no pair has failed. */
export interface FleetResult extends FleetStatus {
  outcome: 'completed';
  /** The promotion of all pairs, if the fleet has handed off to one; absent otherwise. */
  handoff?: { workflowType: string; taskQueue: string; workflowId: string; runId: string };
  /** The first 200; the query `pairs` answers all of them. */
  pairs: FleetRow[];
  next: string | null;
}

/** The answer of the query `pairs`. */
export interface PairsAnswer {
  rows: FleetRow[];
  /** The value of `after` for the next query; null at the end. */
  next: string | null;
}

/** The report about its gate that a pair's run sends to its fleet, by the signal `fleetMember`. */
export interface MemberReport {
  pair: string;
  gate: 'open' | 'blocked';
  counts: Counts;
  minimumHeadroom: { sequence: string; calls: string } | null;
  approvals: number;
  /** Present while it has all approvals and waits for `approval.notBefore`. */
  heldUntil?: string | undefined;
  blockedBy: BlockName[];
  blockedCount: number;
  /** The first five blocks; absent if an older worker runs the pair. */
  blocks?: DescribedBlock[] | undefined;
  refused: Refusal | null;
  refusedCount: number;
  /** Present if the pair's worker has a NOTIFY_URL: then the fleet notifies. */
  notifies?: true | undefined;
}
