import type { FleetInput } from '../../src/contract/fleet.js';
import type { FleetMessage } from '../../src/contract/fleet-messages.js';
import type {
  FleetGateState,
  FleetOutcome,
  FleetPhase,
  FleetRefusal,
  FleetStatus,
  MemberReport,
  PairsAnswer,
} from '../../src/contract/fleet-status.js';
import { foldFindings, withoutInternalFields } from '../../src/findings/fold-findings.js';
import type { Refusal } from '../../src/contract/gate.js';
import type { NotifiedFleetGate } from '../../src/contract/notification.js';
import type { Ending, Finding } from '../../src/contract/status.js';
import { cut } from '../../src/contract/parsing/text.js';
import { describeAttention } from './attention.js';
import { FleetDecisions, type FleetRules, type FleetVerdict } from './fleet-decisions.js';
import type { Forward, Member, MemberEnding } from './member.js';
import { Members } from './members.js';
import { answerPairs } from './pairs-answer.js';
import { RecentList } from '../recent-list.js';
import {
  countOutcomes,
  countPhases,
  isFailure,
  leastHeadroomOfPairs,
  sumOfSequences,
  whyIncomplete,
} from './totals.js';

const LISTED = 200;

/** The state of a fleet, without clock or I/O. It decides to which pairs a decision goes; each pair has its own gate. */
export class Fleet {
  private phase: FleetPhase = 'listing';
  private ending: Ending | null = null;
  private readonly pairs: Members;
  private readonly decisions: FleetDecisions;
  private readonly refused = new RecentList<Refusal>();
  private findings: Finding[] = [];

  /**
   * @param input null if it was invalid
   * @param changed is called after each change that the status shows
   */
  constructor(
    readonly input: FleetInput | null,
    workflowId: string,
    private readonly startedAt: string,
    private readonly changed: () => void = () => undefined,
  ) {
    this.pairs = new Members(workflowId);
    this.decisions = new FleetDecisions(input, workflowId, this.pairs);
  }

  /** The pairs in the order in which they are started. */
  get members(): readonly Member[] {
    return this.pairs.all;
  }

  /** @returns false if the fleet has the pair already */
  add(pair: string, entry: number): boolean {
    const member = this.pairs.add(pair, entry);
    if (member === null) return false;
    const rejection = this.decisions.rejectionOf(pair);
    if (rejection !== undefined) this.pairs.endBeforeItBegan(member, rejection);
    return true;
  }

  /** All pairs are known and will be prepared; or all have ended. */
  enter(phase: 'preparing' | 'done'): void {
    this.phase = phase;
    this.changed();
  }

  end(state: Ending['state'], message: string, at: string): void {
    this.ending = { state, message, at };
    this.enter('done');
  }

  /** Beyond a limit, findings of one code become one. */
  addFindings(findings: readonly Finding[]): void {
    this.findings = foldFindings([...this.findings, ...findings]);
    this.changed();
  }

  /** The next pair to start, which then counts as started; null if none is left. */
  next(): Member | null {
    this.changed();
    return this.pairs.next();
  }

  /** Whether the pair no longer needs a place among those that are prepared. */
  isPrepared(pair: string): boolean {
    const phase = this.pairs.find(pair)?.phase;
    return phase !== 'queued' && phase !== 'preparing';
  }

  /**
   * The run of the pair takes signals from now on.
   *
   * @returns the decision to send to it at once
   */
  started(pair: string): Forward[] {
    return this.pairs.started(pair);
  }

  /**
   * Records the report of a pair about its gate.
   *
   * @returns the decision to send to the gate at once
   */
  report(report: MemberReport): Forward[] {
    this.changed();
    return this.pairs.report(report);
  }

  /** Records that a decision could not be delivered to the gate of the pair. */
  undelivered(pair: string, refusal: Refusal): void {
    this.pairs.undelivered(pair, refusal);
    this.changed();
  }

  /** @param at the time, for the record of a rejection that came too late for the pair */
  ended(pair: string, ending: MemberEnding, at: string): void {
    const late = this.pairs.ended(pair, ending);
    if (late !== null) this.refuse({ at, kind: 'reject', ...late });
    this.changed();
  }

  /** Those of the pairs that have neither ended nor refused the rejection that was passed on to them. */
  unanswered(pairs: readonly string[]): string[] {
    return pairs.filter((pair) => this.pairs.find(pair)?.pending?.kind === 'reject');
  }

  /** Those of the pairs that did not take the rejection, with the reasons. */
  notRejected(pairs: readonly string[]): FleetRefusal[] {
    return pairs.flatMap((pair) => {
      const reason = this.pairs.find(pair)?.rejectionRefused ?? null;
      return reason === null ? [] : [{ pair, reason }];
    });
  }

  /**
   * Judges a decision about all pairs or about the named ones, see {@link FleetDecisions}.
   *
   * @param events the number of events in the fleet's history
   * @param undelivered the number of decisions that the history does not contain yet
   */
  decide(
    message: FleetMessage,
    at: string,
    events: number,
    undelivered: number,
    rules?: FleetRules,
  ): FleetVerdict {
    this.changed();
    return this.decisions.decide(message, at, { events, undelivered, phase: this.phase }, rules);
  }

  /** Why every signal of this kind is refused now; null if its content decides. */
  shutFor(kind: FleetMessage['kind']): string | null {
    return this.decisions.shutFor(kind, this.phase);
  }

  /** Whether these arguments name a pair that may still send a report. */
  awaits([report]: readonly unknown[]): boolean {
    const { pair } = (report ?? {}) as { pair?: unknown };
    const member = typeof pair === 'string' ? this.pairs.find(pair) : undefined;
    return member !== undefined && member.phase !== 'done';
  }

  /** Records a message that had no effect. */
  refuse(refusal: Refusal): void {
    this.refused.add(refusal);
  }

  /** Why a fleet that has ended is incomplete; null if it is complete. */
  incomplete(): string | null {
    return whyIncomplete(this.members, this.findings);
  }

  gateState(): FleetGateState {
    const { queued, preparing, waiting } = this.counts();
    if (this.phase === 'listing' || queued + preparing > 0) return 'closed';
    if (waiting === 0) return 'decided';
    return this.members.some(({ phase, gate }) => phase === 'waiting' && gate === 'blocked')
      ? 'blocked'
      : 'open';
  }

  counts(): FleetStatus['counts'] {
    return countPhases(this.members);
  }

  /** The blocks at the gates of the waiting pairs, as far as the pairs have reported them. */
  blocked(): NotifiedFleetGate['blockedBy'] {
    return this.blockedMembers().flatMap(({ pair, blockedBy }) =>
      blockedBy.map(({ code, sequence }) => ({ pair, code, sequence })),
    );
  }

  blockedCount(): number {
    return this.blockedMembers().reduce((sum, { blockedCount }) => sum + blockedCount, 0);
  }

  private blockedMembers(): readonly Member[] {
    return this.members.filter(({ phase, gate }) => phase === 'waiting' && gate === 'blocked');
  }

  status(): FleetStatus {
    const { input } = this;
    const members = this.members;
    const failures = members.filter(isFailure);
    return {
      phase: this.phaseNow(),
      mode: input?.mode ?? null,
      startedAt: this.startedAt,
      ticket: input?.ticket ?? null,
      requestedBy: input?.requestedBy ?? null,
      concurrency: input?.concurrency ?? null,
      counts: this.counts(),
      outcomes: countOutcomes(members),
      sequences: sumOfSequences(members),
      minimumHeadroom: leastHeadroomOfPairs(members),
      findings: this.findings.map(withoutInternalFields),
      gate: input?.mode === 'failover' || this.refused.count > 0 ? this.gate() : null,
      failures: failures.slice(0, LISTED).map(({ pair, failure, message }) => ({
        pair,
        failure: failure ?? 'Internal',
        message: cut(message ?? '', 300),
      })),
      failuresCount: failures.length,
      ending: this.ending,
    };
  }

  /**
   * Pairs in the order in which they are started.
   *
   * @throws Error if `after` is no pair of the fleet
   */
  rows(query: {
    after?: string | undefined;
    limit: number;
    outcome?: FleetOutcome | undefined;
  }): PairsAnswer {
    return answerPairs(this.members, query);
  }

  private phaseNow(): FleetPhase {
    if (this.phase !== 'preparing') return this.phase;
    const { queued, preparing, waiting } = this.counts();
    if (queued + preparing > 0) return 'preparing';
    return waiting > 0 ? 'awaiting-approval' : 'finishing';
  }

  private gate(): FleetStatus['gate'] {
    const attention = this.members.filter(
      ({ phase, gate, refused }) => phase === 'waiting' && (gate === 'blocked' || refused !== null),
    );
    return {
      state: this.gateState(),
      decisions: [...this.decisions.made.last],
      decisionsCount: this.decisions.made.count,
      refused: [...this.refused.last],
      refusedCount: this.refused.count,
      attention: describeAttention(attention.slice(0, LISTED)),
      attentionCount: attention.length,
    };
  }
}
