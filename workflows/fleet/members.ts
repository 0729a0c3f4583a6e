import type { MemberReport } from '../../src/contract/fleet-status.js';
import type { Refusal } from '../../src/contract/gate.js';
import { cut } from '../../src/contract/parsing/text.js';
import {
  type Forward,
  type Member,
  type MemberEnding,
  type MemberState,
  newMember,
  type Rejection,
  toForward,
} from './member.js';

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
    Object.assign(member, { gate, counts, minimumHeadroom, approvals });
    if (report.heldUntil === undefined) delete member.heldUntil;
    else member.heldUntil = report.heldUntil;
    Object.assign(member, { blockedBy, blockedCount, refused, refusedCount, blocks: report.blocks ?? [] });
    member.phase = 'waiting';
    if (member.rejection === null) return [];
    const { rejection } = member;
    member.rejection = null;
    member.phase = 'deciding';
    return [toForward(member, 'reject', rejection)];
  }

  /** Records that a decision could not be delivered to the gate of the pair. */
  undelivered(pair: string, refusal: Refusal): void {
    const member = this.open(pair);
    if (member === null) return;
    member.phase = 'waiting';
    member.refused = refusal;
    member.refusedCount += 1;
  }

  ended(pair: string, ending: MemberEnding): void {
    const member = this.byPair.get(pair);
    if (member === undefined) return;
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
  }

  endBeforeItBegan({ pair }: Member, { by, reason }: Rejection): void {
    const message = `${by} rejected the failover before it began: ${reason}; nothing was started`;
    this.ended(pair, { outcome: 'rejected', failure: 'Rejected', message });
  }

  /** A decision goes to the gates of these pairs. */
  decided(members: readonly Member[]): void {
    for (const { pair } of members) {
      const member = this.open(pair);
      if (member !== null) member.phase = 'deciding';
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
    return [toForward(member, 'reject', rejection)];
  }

  /** The pair if its run has not ended. */
  private open(pair: string): MemberState | null {
    const member = this.byPair.get(pair);
    return member === undefined || member.phase === 'done' ? null : member;
  }
}
