import type { MemberReport } from '../../src/contract/fleet-status.js';
import type { Refusal } from '../../src/contract/gate.js';
import { cut } from '../../src/contract/parsing/text.js';
import {
  type Forward,
  type Member,
  type MemberEnding,
  type MemberState,
  newMember,
  type PendingDecision,
  type Rejection,
  toForward,
} from './member.js';

/** The beginning of a sentence about a rejection that the pair did not take. */
const passedOn = (pair: string, { approvedBy }: PendingDecision) =>
  approvedBy === null
    ? `the pair ${pair} was not rejected`
    : `the pair ${pair} was approved by ${approvedBy} before`;

/** The pairs of a fleet, in the order in which they are started, with the state of each. */
export class Members {
  private readonly states: MemberState[] = [];
  private readonly byPair = new Map<string, MemberState>();

  /** @param fleet the workflow ID of the fleet */
  constructor(private readonly fleet: string) {}

  get all(): readonly Member[] {
    return this.states;
  }

  /** @returns null if the fleet has the pair already */
  add(pair: string, entry: number): Member | null {
    if (this.byPair.has(pair)) return null;
    const member = newMember(this.fleet, pair, entry);
    this.states.push(member);
    this.byPair.set(pair, member);
    return member;
  }

  find(pair: string): Member | undefined {
    return this.byPair.get(pair);
  }

  /** The next pair to start, which then counts as started; null if none is left. */
  next(): Member | null {
    const member = this.states.find(({ phase }) => phase === 'queued') ?? null;
    if (member !== null) member.phase = 'preparing';
    return member;
  }

  /**
   * The run of the pair takes signals from now on.
   *
   * @returns a decision to send to it at once: a rejection that came before it took signals
   */
  started(pair: string): Forward[] {
    const member = this.open(pair);
    if (member === null) return [];
    member.started = true;
    return member.rejection === null ? [] : [toForward(member, 'reject', member.rejection)];
  }

  /**
   * Records what a pair reports about its gate.
   *
   * @returns a decision to send to the gate at once: a rejection that a run of an earlier version refused while its gate was closed
   */
  report(report: MemberReport): Forward[] {
    const member = this.open(report.pair);
    if (member === null) return [];
    const { gate, counts, minimumHeadroom, approvals, blockedBy, blockedCount, refused, refusedCount } =
      report;
    const isRefused = refusedCount > member.refusedCount;
    Object.assign(member, { gate, counts, minimumHeadroom, approvals });
    if (report.heldUntil === undefined) delete member.heldUntil;
    else member.heldUntil = report.heldUntil;
    Object.assign(member, { blockedBy, blockedCount, refused, refusedCount, blocks: report.blocks ?? [] });
    member.phase = 'waiting';
    // A report may cross a rejection. Only one that refuses the rejection is an answer to it.
    if (member.pending?.kind !== 'reject') member.pending = null;
    else if (isRefused && refused?.kind === 'reject') {
      member.rejectionRefused = `${passedOn(member.pair, member.pending)}: ${refused.reason}`;
      member.pending = null;
    }
    if (member.rejection === null) return [];
    const { rejection } = member;
    member.rejection = null;
    member.phase = 'deciding';
    member.pending = { kind: 'reject', by: rejection.by, approvedBy: null };
    return [toForward(member, 'reject', rejection)];
  }

  /** Records that a decision could not be delivered to the gate of the pair. */
  undelivered(pair: string, refusal: Refusal): void {
    const member = this.open(pair);
    if (member === null) return;
    member.phase = 'waiting';
    member.refused = refusal;
    member.refusedCount += 1;
    if (member.pending?.kind === 'reject') member.rejectionRefused = refusal.reason;
    member.pending = null;
  }

  /** @returns the rejection that came too late for the pair, and why; null if there was none */
  ended(pair: string, ending: MemberEnding): { by: string; reason: string } | null {
    const member = this.byPair.get(pair);
    if (member === undefined) return null;
    const { pending } = member;
    const isTooLate = pending?.kind === 'reject' && !('failure' in ending);
    if (isTooLate)
      member.rejectionRefused = `${passedOn(pair, pending)}: it has ended as ${ending.outcome}, and the rejection came too late`;
    member.pending = null;
    member.phase = 'done';
    member.gate = null;
    delete member.heldUntil;
    member.blockedBy = [];
    member.blockedCount = 0;
    member.blocks = [];
    member.rejection = null;
    member.outcome = ending.outcome;
    if ('failure' in ending) {
      member.failure = ending.failure;
      member.message = cut(ending.message, 500);
    } else {
      member.counts = ending.counts;
      member.minimumHeadroom = ending.minimumHeadroom;
      member.approvals = ending.approvals;
    }
    return isTooLate ? { by: pending.by, reason: member.rejectionRefused ?? '' } : null;
  }

  endBeforeItBegan({ pair }: Member, { by, reason }: Rejection): void {
    const message = `${by} rejected the failover before it began: ${reason}; nothing was started`;
    this.ended(pair, { outcome: 'rejected', failure: 'Rejected', message });
  }

  /** A decision goes to the gates of these pairs. */
  decided(members: readonly Member[], { kind, by }: Pick<PendingDecision, 'kind' | 'by'>): void {
    for (const { pair } of members) {
      const member = this.open(pair);
      if (member === null) continue;
      member.phase = 'deciding';
      member.pending = { kind, by, approvedBy: null };
    }
  }

  /**
   * Rejects a pair. One that waits for its turn ends here. For one without a gate yet, the rejection is kept.
   *
   * @param atOnce whether a run whose gate is not open yet takes the rejection; false in the history of an earlier version
   * @returns the rejection to send to its run
   */
  reject({ pair }: Member, rejection: Rejection, atOnce: boolean): Forward[] {
    const member = this.open(pair);
    if (member === null) return [];
    if (member.phase === 'queued') {
      this.endBeforeItBegan(member, rejection);
      return [];
    }
    if (member.phase === 'preparing') {
      member.rejection ??= rejection;
      if (!atOnce || !member.started) return [];
    } else {
      member.phase = 'deciding';
    }
    const { pending } = member;
    member.rejectionRefused = null;
    member.pending = {
      ...{ kind: 'reject', by: rejection.by },
      approvedBy: pending?.kind === 'approve' ? pending.by : (pending?.approvedBy ?? null),
    };
    return [toForward(member, 'reject', rejection)];
  }

  /** The pair if its run has not ended. */
  private open(pair: string): MemberState | null {
    const member = this.byPair.get(pair);
    return member === undefined || member.phase === 'done' ? null : member;
  }
}
