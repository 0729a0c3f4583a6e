import type { Approval, Refusal } from './gate.js';
import type { Ending, Finding, Headroom, Server } from './status.js';

/**
 * The timeout of one workflow task of a promotion, after which another worker gets it. If a worker is killed while it has a task, the
 * outage is longer by this time. Temporal's default of 10 seconds would be longer than the rest of the outage.
 */
export const PROMOTION_TASK_TIMEOUT = '4s';

/** Findings of a promotion, in addition to those of a run. */
export type PromotionCode =
  | 'PRIVILEGE_MISSING'
  | 'PREPARED_TRANSACTION'
  | 'SESSION_CANNOT_BE_ENDED'
  | 'ROLE_UNKNOWN'
  | 'FENCE_LEFT'
  | 'GRANT_BY_OTHERS'
  | 'PRIMARY_SUBSCRIBES'
  | 'STANDBY_SYNCHRONOUS'
  | 'NO_SYNCHRONOUS_STANDBY'
  | 'STANDBY_TRANSACTION'
  | 'WAY_BACK_NEEDS_IDENTITY'
  | 'WAY_BACK_NEEDS_ROOM'
  | 'WAY_BACK_NOT_ENABLED'
  | 'STANDBY_NOT_OPENED'
  | 'TRAFFIC_NOT_MOVED'
  | 'NEW_PRIMARY_NOT_OPEN'
  | 'OLD_PRIMARY_BEHIND';

/** A finding of a promotion: like that of a run, without the fields that only rechecks compare. */
export type PromotionFinding = Omit<Finding, 'code' | 'subject' | 'things'> & {
  code: Finding['code'] | PromotionCode;
};

/** The steps in their order. */
export type PromotionStepName =
  | 'check'
  | 'synchronize'
  | 'wayBack'
  | 'fence'
  | 'confirm'
  | 'verify'
  | 'beforeSwitch'
  | 'open'
  | 'traffic'
  | 'enableWayBack';

/** The state of a step of a promotion. */
export type StepState = 'pending' | 'running' | 'done' | 'skipped' | 'failed' | 'undoing' | 'undone';

/** A step of a promotion, with its times. */
export interface PromotionStep {
  step: PromotionStepName;
  state: StepState;
  startedAt: string | null;
  /** From its beginning to its end, in milliseconds; null until it has ended. */
  ms: number | null;
}

/** A change of a promotion that is not undone. */
export interface PromotionChange {
  step: PromotionStepName;
  /** Where to undo it by hand: in the pair's database on this side, or in a shell. */
  where: 'primary' | 'standby' | 'shell';
  /** What was changed, such as `the fence`. */
  what: string;
  /** The statements, or the command, that undo it. They do no harm if the change was not made. */
  undo: string[];
  /** Why the promotion could not undo it; null if it has not tried, or is still trying. */
  failure: string | null;
}

/** The proof between the last write on the old primary and the first write on the new one. */
export interface PromotionCertificate {
  /** The old primary's WAL position after its last writer had gone. */
  fenceLsn: string;
  /** The position that every subscription of the standby had confirmed: at least that of the fence. Null if the standby has none, and NO_SUBSCRIPTION was accepted. */
  confirmedLsn: string | null;
  /**
   * The old primary's WAL position at the second search for writers, after the check of the sequences. The standby has confirmed it too.
   */
  verificationLsn: string;
  /** The number of sequences that were read on both sides behind the fence. */
  sequences: number;
  minimumHeadroom: Headroom | null;
  /** Before the fence began to act: the last possible write came at most some milliseconds later. */
  fencedAt: string;
  /** After the standby was open: the first possible write came at most some milliseconds earlier. */
  openedAt: string;
  /** From `fencedAt` to `openedAt`. */
  outageMs: number;
  /** The prediction of the pair's latest rehearsal; null without one. */
  predictedOutageMs: number | null;
  steps: { step: PromotionStepName; ms: number }[];
  approvals: Approval[];
}

/** The phase of a promotion, with respect to the outage and the way back. */
export type PromotionPhase = 'before-the-switch' | 'outage' | 'undoing' | 'switched' | 'done';

/** The order that a promotion in a fleet waits for; null if it waits for none. */
export type AwaitedOrder = 'fence' | 'confirm' | 'switch';

/** The answer of the query `status`, and `details[0]` of every failure. */
export interface PromotionStatus {
  workflowId: string;
  runId: string;
  pair: string | null;
  rehearsal: boolean;
  phase: PromotionPhase;
  startedAt: string;
  ticket: string | null;
  requestedBy: string | null;
  /** Absent unless a fleet started the promotion. */
  fleet?: { workflowId: string; waitsFor: AwaitedOrder | null };
  primary: Server | null;
  standby: Server | null;
  /** The approvals of the run that handed off; empty for a promotion that was started by hand. */
  approvals: Approval[];
  outageBudget: string | null;
  /** The time when the budget is used up; null before the fence. */
  deadline: string | null;
  steps: PromotionStep[];
  findings: PromotionFinding[];
  refused: Refusal[];
  certificate: PromotionCertificate | null;
  /** Commands that remove what the promotion has left on purpose. */
  leftovers: string[];
  /** What the promotion has changed so far and would undo, the last change first. Absent if there is nothing, and after the switch. */
  changes?: PromotionChange[];
  /** Between the switch and the end: what a person has to do if the promotion was terminated. Absent otherwise. */
  toFinish?: string[];
  ending: Ending | null;
  /** The SHA-256 of the promotion's record, as in the ledger; absent until the record is written. */
  recordDigest?: string;
}

/** How a promotion completed: `rehearsed` if it only predicted the outage. */
export type PromotionOutcome = 'promoted' | 'rehearsed';

/** The result of a completed promotion. */
export interface PromotionResult extends PromotionStatus {
  outcome: PromotionOutcome;
  certificate: PromotionCertificate;
}

/**
 * The type of the failure of a promotion, or of a fleet of promotions. `NotReady`: nothing was changed. `Unfinished`: the standby is open,
 * and a later step failed; for a fleet: it had decided to switch, and not all pairs completed. `FleetStopped`: the fleet of this promotion
 * undid all of its pairs. `NotUndone`: it failed, and something could not be undone; the message and `changes` of the status have the statements
 * that do it by hand. All others: everything was undone.
 */
export const PROMOTION_FAILURE_TYPES = [
  'InvalidInput',
  'NotReady',
  'NotAhead',
  'Rejected',
  'Vetoed',
  'Cancelled',
  'BudgetExceeded',
  'StepFailed',
  'FleetStopped',
  'Unfinished',
  'NotUndone',
  'Internal',
] as const;

/** The type of a failed promotion: docs/reference/promotion.md. */
export type PromotionFailureType = (typeof PROMOTION_FAILURE_TYPES)[number];
