import type { Mode } from './input.js';
import type { Counts, Ending, Finding, Refusal } from './status.js';

/** Where a fleet is. `done` holds from the moment when every pair has ended. */
export type FleetPhase = 'listing' | 'preparing' | 'awaiting-approval' | 'finishing' | 'done';

/**
 * Where one pair of a fleet is: not started, on its way to its gate, waiting there, decided upon and not ended yet,
 * ended. Only `preparing` takes one of the places that `concurrency` gives.
 */
export type MemberPhase = 'queued' | 'preparing' | 'waiting' | 'deciding' | 'done';

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
  /** Of the pair's own gate, as it was last heard of; null before it opened. */
  gate: 'open' | 'blocked' | null;
  outcome: FleetOutcome;
  /** The type of its failure, such as `NotReady`; null without one. */
  failure: string | null;
  /** Why it failed, at most 500 characters. */
  message: string | null;
  counts: Counts | null;
  minimumHeadroom: { sequence: string; calls: string } | null;
  approvals: number;
  /** What stands at its gate: at most 20 of `blockedCount`. */
  blockedBy: { code: string; sequence: string | null }[];
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
  /** Null for all; else the first ten. */
  pairs: string[] | null;
  /** The first ten. */
  accept: string[];
  /** Sequences whose rows were decided, the first ten; absent for none. */
  ignoreRows?: string[];
  raisePastRows?: string[];
  /** How many pairs it was passed on to, or ended before they began. */
  addressed: number;
}

/**
 * `closed` while a pair is still being prepared (decisions then have to name their pairs), `open` when all that
 * have not ended wait, `blocked` when one of those cannot be approved as it stands, `decided` when none waits.
 */
export type FleetGateState = 'closed' | 'open' | 'blocked' | 'decided';

/** A block of a pair, with what to do about it, as the pair's own `findings` have it; texts may be cut. */
export interface DescribedBlock {
  code: string;
  sequence: string | null;
  message: string;
  remedy: string;
}

export type FleetAttention = Pick<FleetRow, 'pair' | 'gate' | 'blockedBy' | 'blockedCount' | 'refused'> & {
  /** The first five; fewer where they are long, and none beyond the first pairs of very many. */
  blocks: DescribedBlock[];
};

/** A pair on which a decision could not stand. */
export interface FleetRefusal {
  pair: string;
  reason: string;
}

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
  /** Pairs. */
  counts: Record<MemberPhase, number> & { total: number };
  outcomes: Record<FleetOutcome, number>;
  /** Of all pairs that told theirs. */
  sequences: Counts;
  /** Over all pairs, as each last told it. */
  minimumHeadroom: { pair: string; sequence: string; calls: string } | null;
  /** About the listing of databases; what was found in a pair is in the pair's own status. */
  findings: Finding[];
  gate: FleetGate | null;
  /** At most 200 of `failuresCount`, the message cut at 300 characters. */
  failures: { pair: string; failure: string; message: string }[];
  failuresCount: number;
  /** Null until the fleet has ended. */
  ending: Ending | null;
}

/** What a completed fleet returns: every pair ended well. */
export interface FleetResult extends FleetStatus {
  outcome: 'completed';
  /** The first 200; the query `pairs` has all. */
  pairs: FleetRow[];
  next: string | null;
}

/** The answer of the query `pairs`. */
export interface PairsAnswer {
  rows: FleetRow[];
  /** Pass it as `after` to read on; null at the end. */
  next: string | null;
}

/** What a pair's run tells its fleet of its gate, by the signal `fleetMember`. */
export interface MemberReport {
  pair: string;
  gate: 'open' | 'blocked';
  counts: Counts;
  minimumHeadroom: { sequence: string; calls: string } | null;
  approvals: number;
  blockedBy: { code: string; sequence: string | null }[];
  blockedCount: number;
  /** The first five of them; absent where an earlier version runs the pair. */
  blocks?: DescribedBlock[] | undefined;
  refused: Refusal | null;
  refusedCount: number;
}
