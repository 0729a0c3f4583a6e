import type {
  PromotionCertificate,
  PromotionFailureType,
  PromotionFinding,
  PromotionOutcome,
} from './promotion.js';
import type { Refusal } from './gate.js';
import type { Ending } from './status.js';

/** The phase of a fleet of promotions. After `switched` it only goes forward; before that, it can change to `undoing`. */
export type PromotionFleetPhase = 'listing' | 'preparing' | 'outage' | 'undoing' | 'switched' | 'done';

/**
 * The state of one pair: not started; before the fence; waits for the order to fence; fenced; its sequences are verified, and it waits for
 * the other pairs; ready to be switched; its standby is open; ended.
 */
export type PromotedPairState =
  'queued' | 'preparing' | 'prepared' | 'fencing' | 'verified' | 'ready' | 'open' | 'done';

/**
 * How a pair ended. `undone`: its primary takes writes. `not-undone`: something of it
 * could not be undone. `unfinished`: its standby is open, and a later step failed. `terminated`: somebody
 * terminated its promotion, and nothing of it was undone.
 */
export type PromotedPairOutcome =
  PromotionOutcome | 'undone' | 'not-undone' | 'unfinished' | 'terminated' | 'pending';

/** One pair of a fleet of promotions. */
export interface PromotedPair {
  pair: string;
  /** The workflow ID of its own `promoteStandby`, whose status has the findings and steps. */
  workflowId: string;
  state: PromotedPairState;
  outcome: PromotedPairOutcome;
  failure: PromotionFailureType | null;
  /** Why it failed, at most 500 characters. */
  message: string | null;
  certificate: Omit<PromotionCertificate, 'approvals' | 'steps'> | null;
  leftovers: string[];
}

/** The decision of the fleet about all of its pairs. It decides once. */
export interface SwitchDecision {
  order: 'switch' | 'undo';
  at: string;
  /** The reason of `undo`. */
  failure: PromotionFailureType | null;
  reason: string | null;
}

/** The proof for all pairs together. */
export interface PromotionFleetCertificate {
  /** The earliest `fencedAt` of the pairs. */
  fencedAt: string;
  /** The time when every pair was ready, and the fleet decided to switch. */
  decidedAt: string;
  /** The latest `openedAt` of the pairs. */
  openedAt: string;
  /** From `fencedAt` to `openedAt`: no pair was unavailable for longer. */
  outageMs: number;
  /** The longest outage that the latest rehearsals of the pairs predicted; null if a pair has none. */
  predictedOutageMs: number | null;
  pairs: (Pick<
    PromotionCertificate,
    'fenceLsn' | 'confirmedLsn' | 'verificationLsn' | 'sequences' | 'outageMs'
  > & { pair: string })[];
}

/** The answer of the query `status`, and `details[0]` of every failure. */
export interface PromotionFleetStatus {
  workflowId: string;
  runId: string;
  rehearsal: boolean;
  phase: PromotionFleetPhase;
  startedAt: string;
  ticket: string | null;
  requestedBy: string | null;
  outageBudget: string | null;
  /** The earliest deadline of the fenced pairs; null before. */
  deadline: string | null;
  /** Null until the fleet has decided. */
  decision: SwitchDecision | null;
  pairs: PromotedPair[];
  /** About the lists of databases, and about the workflows that run once for all pairs. */
  findings: PromotionFinding[];
  refused: Refusal[];
  certificate: PromotionFleetCertificate | null;
  ending: Ending | null;
}

/** The result of a completed fleet of promotions. */
export interface PromotionFleetResult extends PromotionFleetStatus {
  outcome: PromotionOutcome;
  certificate: PromotionFleetCertificate;
}
