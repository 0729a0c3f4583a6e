import { type FleetInput, MOST_PAIRS } from '../../src/contract/fleet.js';
import { type FleetMessage } from '../../src/contract/fleet-messages.js';
import type { FleetDecision, FleetPhase, FleetRefusal } from '../../src/contract/fleet-status.js';
import type { Approvers, Bar } from '../../src/contract/approvers.js';
import { cut } from '../../src/contract/parsing/text.js';
import { listQuoted } from '../refusal-texts.js';
import { refusedBecause } from '../refusal.js';
import { decidesRows } from '../rows-decision.js';
import { AddressedNames } from './addressed-names.js';
import { FleetApprovers } from './fleet-approvers.js';
import {
  finishedText,
  leaveOut,
  pairsAtGate,
  pairsText,
  type SelectedPairs,
  selected,
  withoutBlocked,
  withoutRejected,
} from './selected-pairs.js';
import { decisionProblem } from './fleet-bounds.js';
import { type Forward, type Member, type Rejection, toForward } from './member.js';
import type { Members } from './members.js';
import { RecentList } from '../recent-list.js';
import { countPhases } from './totals.js';

export type FleetVerdict =
  | {
      stands: true;
      forward: Forward[];
      addressed: number;
      refused: FleetRefusal[];
      /** For a rejection: pairs that somebody approved a moment ago, so that it may come too late. */
      contested: readonly string[];
    }
  | { stands: false; reason: string };

/** Behaviour that differs from earlier versions. The histories of those versions have to replay. */
export interface FleetRules {
  /** A rejection reaches a pair before its gate opens, and a fleet that still lists its pairs. */
  stopAtOnce: boolean;
  /** An approval is refused if a pair has a block that it does not accept. */
  whole: boolean;
  /** Whether a decision that is too long for the history is refused; asked only for one that is. */
  bounded: () => boolean;
  /** Whether the requester may not approve where several approvals are needed and the input says nothing; asked only then. */
  requester: () => boolean;
  /** Whether a decision on a pair that was rejected, and has not ended yet, is refused; asked only for one. */
  afterRejection: () => boolean;
  /** The size of the fleet's history, in bytes. */
  historyBytes: number;
}

/** The rules of this version, for a history that has room. */
export const RULES: FleetRules = {
  stopAtOnce: true,
  whole: true,
  bounded: () => true,
  requester: () => true,
  afterRejection: () => true,
  historyBytes: 0,
};

const NEVER_WAITS = 'only a fleet in the mode failover waits for an approval';
const NOT_LISTED_YET =
  'the pairs of the fleet are not known yet; send it again when the query status counts them';

/** The most pairs, and names, of a decision that the status shows. */
const NAMED = 10;
/** The server terminates a workflow at 51,200 events, and the pairs would be cancelled with their fleet. */
const EVENTS_AT_MOST = 50_000;
/** The most events that one pair adds from its start to its end, workflow tasks included. */
const EVENTS_TO_PREPARE = 13;
/** The most events that one pair adds from its gate to its end. */
const EVENTS_TO_END = 4;
/** The most events that a decision on one pair adds: it is forwarded and answered. */
const EVENTS_A_DECISION = 9;

/**
 * Decides to which pairs of a fleet a decision goes, or why it is refused. After that, each pair's own gate judges it.
 */
export class FleetDecisions {
  /** The decisions that were not refused. */
  readonly made = new RecentList<FleetDecision>();
  private readonly approvers: FleetApprovers;
  /** Rejections of pairs that are not known yet, by their names; null for all of them. */
  private readonly rejectedUnlisted = new Map<string | null, Rejection>();

  constructor(
    private readonly input: FleetInput | null,
    private readonly workflowId: string,
    private readonly members: Members,
  ) {
    this.approvers = new FleetApprovers(input);
  }

  /** The rejection of a pair that came before the pair was known. */
  rejectionOf(pair: string): Rejection | undefined {
    return this.rejectedUnlisted.get(pair) ?? this.rejectedUnlisted.get(null);
  }

  /**
   * Judges a decision for all of the fleet or for the pairs that it names. It is accepted or refused as a whole. Then
   * each pair's own gate judges it.
   *
   * @param fleet the `events` in its history, the number of `undelivered` decisions, which are not in the history yet, and its phase
   */
  decide(
    message: FleetMessage,
    at: string,
    { events, undelivered, phase }: { events: number; undelivered: number; phase: FleetPhase },
    rules: FleetRules = RULES,
  ): FleetVerdict {
    if (this.input?.mode !== 'failover') {
      return refusedBecause(NEVER_WAITS);
    }
    const isEarlyStop = rules.stopAtOnce && message.kind === 'reject';
    if (phase === 'listing' && !isEarlyStop) {
      return refusedBecause(NOT_LISTED_YET);
    }
    const room = this.room(events, undelivered);
    const verdict =
      message.kind !== 'reject'
        ? this.address(message, room, rules)
        : phase === 'listing'
          ? this.rejectUnlisted(message)
          : this.reject(message, room, rules.stopAtOnce);
    if (!verdict.stands) return verdict;
    const { kind, by, reason, pairs, accept, ignoreRows, raisePastRows } = message;
    this.made.add({
      at,
      kind,
      by,
      reason: reason === null ? null : cut(reason, 500),
      pairs: pairs === null ? null : pairs.slice(0, NAMED),
      accept: accept.slice(0, NAMED),
      ...(ignoreRows === undefined ? {} : { ignoreRows: ignoreRows.slice(0, NAMED) }),
      ...(raisePastRows === undefined ? {} : { raisePastRows: raisePastRows.slice(0, NAMED) }),
      addressed: verdict.addressed,
    });
    return verdict;
  }

  /** Why every signal of this kind is refused now; null if its content decides. */
  shutFor(kind: FleetMessage['kind'], phase: FleetPhase): string | null {
    if (this.input?.mode !== 'failover') {
      return NEVER_WAITS;
    }
    if (phase === 'listing') {
      return kind === 'reject' ? null : NOT_LISTED_YET;
    }
    return phase === 'done' ? 'the fleet is finished already' : null;
  }

  /** The number of further decisions, each on one pair, for which the history of the fleet has room. */
  private room(events: number, undelivered: number): number {
    const { queued, preparing, waiting, deciding } = countPhases(this.members.all);
    const toCome = EVENTS_TO_PREPARE * (queued + preparing) + EVENTS_TO_END * (waiting + deciding);
    return Math.max(0, Math.floor((EVENTS_AT_MOST - events - toCome) / EVENTS_A_DECISION) - undelivered);
  }

  private tooMany(addressed: number, room: number): string {
    return `the history of the fleet has room for decisions on ${room} more pairs, and this is one on ${addressed}: name fewer with "pairs", or decide in the pairs' own workflows, ${this.workflowId}/<pair>`;
  }

  private address(message: FleetMessage, room: number, rules: FleetRules): FleetVerdict {
    const { kind, by, reason } = message;
    const names = new AddressedNames(message);
    const chosen = this.chosen(message.pairs);
    if (typeof chosen === 'string') return refusedBecause(chosen);
    const atGate = pairsAtGate(message, chosen);
    if (typeof atGate === 'string') return refusedBecause(atGate);
    const left = withoutRejected(message, atGate.members, rules.afterRejection);
    if (typeof left === 'string') return refusedBecause(left);
    const allowed = this.withoutBarred(message, left.members, rules);
    if (typeof allowed === 'string') return refusedBecause(allowed);
    const refusal = names.refusal(allowed.members);
    if (refusal !== null) return refusedBecause(refusal);
    const free = rules.whole ? withoutBlocked(message, allowed.members, names) : selected(allowed.members);
    if (typeof free === 'string') return refusedBecause(free);
    const addressed = free.members;
    if (addressed.length > room) return refusedBecause(this.tooMany(addressed.length, room));
    const forward = addressed.map((member) =>
      toForward(member, kind, { by, ...(reason === null ? {} : { reason }), ...names.of(member) }),
    );
    const tooLong = decisionProblem(
      forward.map(({ argument }) => argument),
      rules.historyBytes,
    );
    if (tooLong !== null && rules.bounded()) return refusedBecause(tooLong);
    this.members.decided(addressed, message);
    const refused = [...atGate.refused, ...left.refused, ...allowed.refused, ...free.refused];
    return { stands: true, forward, addressed: forward.length, refused, contested: [] };
  }

  /** The pairs on which the sender may decide. */
  private withoutBarred(
    message: FleetMessage,
    members: readonly Member[],
    rules: FleetRules,
  ): SelectedPairs | string {
    const barred = this.barred(message, members, rules);
    const [bar] = barred.values();
    if (bar !== undefined && (!message.partial || barred.size === members.length))
      return `${pairsText([...barred.keys()])} not for this person to decide: ${bar}`;
    return {
      members: members.filter((one) => !barred.has(one)),
      refused: [...barred].map(([{ pair }, reason]) => ({ pair, reason })),
    };
  }

  /** The pairs on which the sender may not decide, each with the reason; anybody may have them synchronized again. */
  private barred(message: FleetMessage, members: readonly Member[], rules: FleetRules): Map<Member, string> {
    const { kind, by } = message;
    const barred = new Map<Member, string>();
    if (kind === 'resynchronize' && !decidesRows(message)) return barred;
    const bars = new Map<Approvers | null, Bar | null>();
    for (const member of members) {
      const approvers = this.approvers.of(member.entry);
      if (!bars.has(approvers)) bars.set(approvers, approvers?.barOf(by) ?? null);
      const bar = bars.get(approvers) ?? null;
      if (bar !== null && (bar.isStated || rules.requester())) barred.set(member, bar.reason);
    }
    return barred;
  }

  /** Unlike an approval, a rejection takes effect at any time, since it lets nothing pass. */
  private reject({ by, reason, pairs, partial }: FleetMessage, room: number, atOnce: boolean): FleetVerdict {
    const chosen = this.chosen(pairs);
    if (typeof chosen === 'string') return refusedBecause(chosen);
    const open = chosen.filter(({ phase }) => phase !== 'done');
    const ended = pairs === null ? [] : chosen.filter(({ phase }) => phase === 'done');
    if (open.length === 0 || (ended.length > 0 && !partial)) {
      const done = chosen.filter(({ phase }) => phase === 'done');
      return refusedBecause(`${finishedText(done)}${open.length === 0 ? '' : leaveOut(done.length)}`);
    }
    if (open.length > room) return refusedBecause(this.tooMany(open.length, room));
    const rejection = { by, reason: reason ?? '' };
    const contested = open.filter(({ pending }) => pending?.kind === 'approve').map(({ pair }) => pair);
    const forward = open.flatMap((member) => this.members.reject(member, rejection, atOnce));
    const refused = ended.map(({ pair }) => ({ pair, reason: 'finished already' }));
    return { stands: true, forward, addressed: open.length, refused, contested };
  }

  /** A rejection while the pairs are being listed: the rejected pairs are not started. */
  private rejectUnlisted({ by, reason, pairs }: FleetMessage): FleetVerdict {
    const rejection = { by, reason: reason ?? '' };
    const names = pairs ?? [null];
    const unknown = names.filter((name): name is string => name !== null && !this.mayList(name));
    if (unknown.length > 0) return refusedBecause(hasNoPair(unknown));
    if (this.rejectedUnlisted.size + names.length > 2 * MOST_PAIRS) {
      return refusedBecause(
        'more pairs are rejected than a fleet can have; reject all of them, without "pairs"',
      );
    }
    for (const name of names) {
      if (!this.rejectedUnlisted.has(name)) this.rejectedUnlisted.set(name, rejection);
    }
    return { stands: true, forward: [], addressed: names.length, refused: [], contested: [] };
  }

  private mayList(pair: string): boolean {
    const entries = this.input?.entries ?? [];
    return entries.some(
      (one) => one.pair === pair || (one.databases !== null && pair.startsWith(`${one.pair}/`)),
    );
  }

  /** The members of these pairs, or why not. */
  private chosen(pairs: readonly string[] | null): readonly Member[] | string {
    if (pairs === null) return this.members.all;
    const chosen = pairs.map((pair) => this.members.find(pair));
    const unknown = pairs.filter((pair) => this.members.find(pair) === undefined);
    return unknown.length === 0 ? chosen.filter((member) => member !== undefined) : hasNoPair(unknown);
  }
}

const hasNoPair = (names: readonly string[]) =>
  `the fleet has no pair ${listQuoted(names)}; the query pairs lists them`;
