import type { PromotedPair, PromotedPairState } from '../../src/contract/promotion-fleet.js';
import type { ApprovedRun } from '../../src/contract/promotion-fleet-input.js';
import type { PromotionStatus } from '../../src/contract/promotion.js';
import type { Server } from '../../src/contract/status.js';
import { cut } from '../../src/contract/parsing/text.js';
import { isDoubtful } from '../../src/findings/is-doubtful.js';
import { childId } from '../../src/steps/child-id.js';
import type { Cause } from '../promotion/fleet-signals.js';

const MESSAGE_KEPT = 500;

/** The states of a pair in their order. */
const ORDER: readonly PromotedPairState[] = [
  ...(['queued', 'preparing', 'prepared', 'fencing', 'verified', 'ready', 'open', 'done'] as const),
];

/** What is needed to promote a pair, besides what the status shows. Only `PromotedPairs` writes it. */
export interface MemberState extends PromotedPair {
  /** The index of its entry in the input. */
  entry: number;
  approvedRun: ApprovedRun | null;
  primary: Server | null;
  standby: Server | null;
  /** Why it failed, in full: with what became of its steps. */
  cause: Cause | null;
  /** Why it failed, as it said before it undid its steps. */
  reason: Cause | null;
  /** Whether its standby could not be opened after the decision to switch: the other pairs do not wait for it. */
  unopened: boolean;
  /** Whether its standby was opened, and was not seen to take writes at the end. */
  doubtful: boolean;
  /** When its standby has to be open, in milliseconds since 1970; null before it is fenced. */
  deadline: number | null;
}

/** A pair of the fleet, as the other modules see it. */
export type Member = Readonly<MemberState>;

/** How the promotion of a pair ended. */
export type MemberEnding =
  | { outcome: 'promoted' | 'rehearsed'; status: PromotionStatus }
  | {
      outcome: 'undone' | 'not-undone' | 'unfinished' | 'terminated';
      cause: Cause;
      status: PromotionStatus | null;
    };

/** The pairs of a fleet of promotions, in the order in which they are started. */
export class PromotedPairs {
  private readonly states: MemberState[] = [];

  /** @param fleet the workflow ID of the fleet */
  constructor(private readonly fleet: string) {}

  get all(): readonly Member[] {
    return this.states;
  }

  /** A pair that is in the fleet already is left out. */
  add(pair: string, entry: number, approvedRun: ApprovedRun | null): void {
    if (this.find(pair) !== undefined) return;
    this.states.push({
      ...{ pair, workflowId: childId(this.fleet, pair), state: 'queued', outcome: 'pending' },
      ...{ failure: null, message: null, certificate: null, leftovers: [] },
      ...{ entry, approvedRun, primary: null, standby: null, cause: null, reason: null, deadline: null },
      ...{ unopened: false, doubtful: false },
    });
  }

  find(pair: unknown): Member | undefined {
    return this.all.find((one) => one.pair === pair);
  }

  /** The next pair to start, which then counts as started; null if none is left. */
  next(): Member | null {
    const member = this.states.find(({ state }) => state === 'queued') ?? null;
    if (member !== null) member.state = 'preparing';
    return member;
  }

  /** A state is never left for an earlier one. */
  advance({ pair }: Member, state: PromotedPairState): void {
    const member = this.stateOf(pair);
    if (ORDER.indexOf(state) > ORDER.indexOf(member.state)) member.state = state;
  }

  isAtLeast(member: Member, state: PromotedPairState): boolean {
    return ORDER.indexOf(member.state) >= ORDER.indexOf(state);
  }

  /** The pair can be fenced, and these are its servers. */
  prepared({ pair }: Member, { primary, standby }: { primary: Server | null; standby: Server | null }): void {
    const member = this.stateOf(pair);
    member.primary = primary;
    member.standby = standby;
    this.advance(member, 'prepared');
  }

  /** @param deadline when its standby has to be open, in milliseconds since 1970 */
  verified({ pair }: Member, deadline: number): void {
    const member = this.stateOf(pair);
    member.deadline = deadline;
    this.advance(member, 'verified');
  }

  /** The fleet has decided to switch, and the standby of this pair could not be opened. */
  notOpened({ pair }: Member, cause: Cause): void {
    const member = this.stateOf(pair);
    member.unopened = true;
    setCause(member, cause);
  }

  /** Its promotion is about to end. */
  failed({ pair }: Member, { type, message }: Cause): void {
    if (typeof message !== 'string') return;
    const member = this.stateOf(pair);
    member.reason = { type, message };
    setCause(member, member.reason);
  }

  ended({ pair }: Member, ending: MemberEnding): void {
    const member = this.stateOf(pair);
    member.state = 'done';
    member.outcome = ending.outcome;
    if ('cause' in ending) setCause(member, ending.cause);
    if (ending.status === null) return;
    const { certificate, leftovers, findings } = ending.status;
    member.leftovers = leftovers;
    member.doubtful = isDoubtful(findings);
    if (certificate === null) return;
    const { fenceLsn, confirmedLsn, verificationLsn, sequences, minimumHeadroom } = certificate;
    const { fencedAt, openedAt, outageMs, predictedOutageMs } = certificate;
    member.certificate = {
      ...{ fenceLsn, confirmedLsn, verificationLsn, sequences, minimumHeadroom },
      ...{ fencedAt, openedAt, outageMs, predictedOutageMs },
    };
  }

  private stateOf(pair: string): MemberState {
    const member = this.states.find((one) => one.pair === pair);
    if (member === undefined) throw new Error(`no pair ${pair} in this fleet`);
    return member;
  }

  /** The rows of the status. */
  rows(): PromotedPair[] {
    return this.all.map(({ pair, workflowId, state, outcome, failure, message, certificate, leftovers }) => ({
      ...{ pair, workflowId, state, outcome, failure, message, certificate, leftovers },
    }));
  }
}

function setCause(member: MemberState, cause: Cause): void {
  member.cause = cause;
  member.failure = cause.type;
  member.message = cut(cause.message, MESSAGE_KEPT);
}
