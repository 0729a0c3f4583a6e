import type { Approval, Ending, Finding, Headroom, Refusal, Server } from './status.js';

/**
 * How long a worker may take for one workflow task of a promotion before another gets it: a worker that was killed with a task in hand
 * prolongs the outage by this. Temporal's usual 10 seconds would be longer than the rest of the outage.
 */
export const PROMOTION_TASK_TIMEOUT = '4s';

/** What a promotion finds in its own way, besides the findings of a run. */
export type PromotionCode =
  | 'PRIVILEGE_MISSING'
  | 'PREPARED_TRANSACTION'
  | 'SESSION_CANNOT_BE_ENDED'
  | 'ROLE_UNKNOWN'
  | 'GRANT_BY_OTHERS'
  | 'PRIMARY_SUBSCRIBES'
  | 'WAY_BACK_NEEDS_IDENTITY'
  | 'WAY_BACK_NOT_ENABLED'
  | 'TRAFFIC_NOT_MOVED'
  | 'OLD_PRIMARY_BEHIND';

/** As a run's finding. */
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

/** How far a step of a promotion is. */
export type StepState = 'pending' | 'running' | 'done' | 'skipped' | 'failed' | 'undoing' | 'undone';

/** A step of a promotion, with its times. */
export interface PromotionStep {
  step: PromotionStepName;
  state: StepState;
  startedAt: string | null;
  /** From its beginning to its end, in milliseconds; null until it has ended. */
  ms: number | null;
}

/** What was proven between the last write on the old primary and the first on the new one. */
export interface PromotionCertificate {
  /** The old primary's WAL position after its last writer had gone. */
  fenceLsn: string;
  /** What every subscription of the standby had confirmed by then: at least the fence's. */
  confirmedLsn: string;
  /** The old primary's WAL position when it was looked at for writers once more, after the sequences; confirmed too. */
  verificationLsn: string;
  /** How many sequences were read on both sides behind the fence. */
  sequences: number;
  minimumHeadroom: Headroom | null;
  /** Before the fence began to act: the last write possible came at most some milliseconds later. */
  fencedAt: string;
  /** After the standby was open: the first write possible came at most some milliseconds earlier. */
  openedAt: string;
  /** From `fencedAt` to `openedAt`. */
  outageMs: number;
  /** What the latest rehearsal of the pair predicted; null without one. */
  predictedOutageMs: number | null;
  steps: { step: PromotionStepName; ms: number }[];
  approvals: Approval[];
}

/** How far a promotion is, as far as the outage and the way back are concerned. */
export type PromotionPhase = 'before-the-switch' | 'outage' | 'undoing' | 'switched' | 'done';

/** The order that a promotion of a fleet waits for; null while it waits for none. */
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
  /** Of the run that handed off; empty for a promotion that was started by hand. */
  approvals: Approval[];
  outageBudget: string | null;
  /** When the budget is used up; null before the fence. */
  deadline: string | null;
  steps: PromotionStep[];
  findings: PromotionFinding[];
  refused: Refusal[];
  certificate: PromotionCertificate | null;
  /** Commands that tidy up what the promotion has left on purpose. */
  leftovers: string[];
  ending: Ending | null;
}

/** How a promotion completed: `rehearsed` if it only predicted the outage. */
export type PromotionOutcome = 'promoted' | 'rehearsed';

/** What a completed promotion returns. */
export interface PromotionResult extends PromotionStatus {
  outcome: PromotionOutcome;
  certificate: PromotionCertificate;
}

/**
 * The type of the failure that a promotion, or a fleet of them, ends with. `NotReady`: nothing was touched. `Unfinished`: the standby is open,
 * and something after that could not be done; of a fleet: it had decided to switch, and not all pairs completed. `FleetStopped`: the fleet of
 * this promotion undid all of its pairs. All others: everything was undone.
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
  'Internal',
] as const;

/** The type of a failed promotion: docs/reference/promotion.md. */
export type PromotionFailureType = (typeof PROMOTION_FAILURE_TYPES)[number];
