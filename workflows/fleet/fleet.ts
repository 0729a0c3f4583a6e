import { childId } from '../../src/steps/child-id.js';
import { type FleetInput, type FleetMessage, MOST_PAIRS } from '../../src/contract/fleet.js';
import type {
  DescribedBlock,
  FleetAttention,
  FleetDecision,
  FleetGateState,
  FleetOutcome,
  FleetPhase,
  FleetRefusal,
  FleetRow,
  FleetStatus,
  MemberReport,
  PairsAnswer,
} from '../../src/contract/fleet-status.js';
import { foldFindings, withoutSubject } from '../../src/findings/fold-findings.js';
import type { Counts, Ending, Finding, Refusal } from '../../src/contract/status.js';
import { cut, utf8Bytes } from '../../src/contract/parsing/text.js';
import { AddressedNames } from './addressed-names.js';
import { decisionProblem } from './fleet-bounds.js';

/** A row as it is kept, and what the fleet needs to run it. */
interface Member extends FleetRow {
  /** The index of the entry of the input that it comes from. */
  entry: number;
  /** What its gate is to be told as soon as its run takes signals, and once more should it open in spite of that. */
  rejection: { by: string; reason: string } | null;
  /** Whether its run has been started, and takes signals. */
  started: boolean;
  blocks: DescribedBlock[];
}

/** A decision that the gate of one pair is to be told. */
export interface Forward {
  pair: string;
  workflowId: string;
  kind: FleetMessage['kind'];
  argument: {
    by: string;
    reason?: string;
    accept?: string[];
    ignoreRows?: string[];
    raisePastRows?: string[];
  };
}

/** How the run of a pair ended. */
export type MemberEnding =
  | {
      outcome: Exclude<FleetOutcome, 'failed' | 'rejected' | 'cancelled' | 'pending'>;
      counts: Counts;
      minimumHeadroom: FleetRow['minimumHeadroom'];
      approvals: number;
    }
  | { outcome: 'failed' | 'rejected' | 'cancelled'; failure: string; message: string };

export type FleetVerdict =
  | { stands: true; forward: Forward[]; addressed: number; refused: FleetRefusal[] }
  | { stands: false; reason: string };

/** What earlier versions did otherwise, for the histories that they have left. */
export interface FleetRules {
  /** A rejection reaches a pair before its gate opens, and a fleet that still lists its pairs. */
  stopAtOnce: boolean;
  /** An approval that a pair's blocks stand against is refused. */
  whole: boolean;
  /** Whether a decision that is too long for the history is refused; asked only for one that is. */
  bounded: () => boolean;
  /** Of the fleet's history, in bytes. */
  historyBytes: number;
}

/** Of this version, with a history that has room. */
export const RULES: FleetRules = { stopAtOnce: true, whole: true, bounded: () => true, historyBytes: 0 };

const KEPT = 50;
const NAMED = 10;
const LISTED = 200;
/**
 * The server terminates a workflow at 51,200 events, and the pairs are cancelled with their fleet. The others are the
 * most that one pair adds, with the workflow task that each signal or ending may cause: until it has ended, from its
 * start or from its gate on, and for a decision, forwarded and answered.
 */
const EVENTS_AT_MOST = 50_000;
const EVENTS_TO_PREPARE = 13;
const EVENTS_TO_END = 4;
const EVENTS_A_DECISION = 9;
const NO_COUNTS: Counts = { total: 0, applied: 0, kept: 0, skipped: 0, failed: 0 };

/**
 * What a fleet knows of its pairs, and what it makes of a decision: a state machine without clock or I/O. The gates
 * are the pairs' own; the fleet only says to which of them a decision goes.
 */
export class Fleet {
  phase: FleetPhase = 'listing';
  private ending: Ending | null = null;
  readonly members: Member[] = [];
  private readonly byPair = new Map<string, Member>();
  private findings: Finding[] = [];
  private decisions: FleetDecision[] = [];
  private decisionsCount = 0;
  private refused: Refusal[] = [];
  private refusedCount = 0;
  /** Rejections of pairs that are not known yet, by their names; null for all of them. */
  private readonly rejectedUnlisted = new Map<string | null, { by: string; reason: string }>();

  /** @param input null when it did not pass: then the fleet knows only that it began. */
  constructor(
    readonly input: FleetInput | null,
    private readonly workflowId: string,
    private readonly startedAt: string,
  ) {}

  /** @returns false where the fleet has the pair already */
  add(pair: string, entry: number): boolean {
    if (this.byPair.has(pair)) return false;
    const member: Member = {
      pair,
      workflowId: childId(this.workflowId, pair),
      entry,
      phase: 'queued',
      gate: null,
      outcome: 'pending',
      failure: null,
      message: null,
      counts: null,
      minimumHeadroom: null,
      approvals: 0,
      blockedBy: [],
      blockedCount: 0,
      refused: null,
      refusedCount: 0,
      rejection: null,
      started: false,
      blocks: [],
    };
    this.members.push(member);
    this.byPair.set(pair, member);
    const rejection = this.rejectedUnlisted.get(pair) ?? this.rejectedUnlisted.get(null);
    if (rejection !== undefined) this.endBeforeItBegan(member, rejection);
    return true;
  }

  end(state: Ending['state'], message: string, at: string): void {
    this.phase = 'done';
    this.ending = { state, message, at };
  }

  found(findings: readonly Finding[]): void {
    this.findings = foldFindings([...this.findings, ...findings]);
  }

  /** The next pair to start, which it counts as started; null when none is left. */
  next(): Member | null {
    const member = this.members.find(({ phase }) => phase === 'queued') ?? null;
    if (member !== null) member.phase = 'preparing';
    return member;
  }

  /** Whether the pair takes none of the places any more. */
  isPrepared(pair: string): boolean {
    const phase = this.byPair.get(pair)?.phase;
    return phase !== 'queued' && phase !== 'preparing';
  }

  isOver(): boolean {
    return this.members.every(({ phase }) => phase === 'done');
  }

  /**
   * The run of the pair takes signals from now on.
   *
   * @returns what it is to be told at once: a rejection that was decided meanwhile
   */
  started(pair: string): Forward[] {
    const member = this.byPair.get(pair);
    if (member === undefined || member.phase === 'done') return [];
    member.started = true;
    return member.rejection === null ? [] : [toForward(member, 'reject', member.rejection)];
  }

  /**
   * Takes note of what a pair says of its gate.
   *
   * @returns what the gate is to be told at once: a rejection that an earlier version refused while it was closed
   */
  report(report: MemberReport): Forward[] {
    const member = this.byPair.get(report.pair);
    if (member === undefined || member.phase === 'done') return [];
    const { gate, counts, minimumHeadroom, approvals, blockedBy, blockedCount, refused, refusedCount } =
      report;
    Object.assign(member, { gate, counts, minimumHeadroom, approvals });
    Object.assign(member, { blockedBy, blockedCount, refused, refusedCount, blocks: report.blocks ?? [] });
    member.phase = 'waiting';
    if (member.rejection === null) return [];
    const { rejection } = member;
    member.rejection = null;
    member.phase = 'deciding';
    return [toForward(member, 'reject', rejection)];
  }

  /** A decision that could not be brought to the pair's gate. */
  undelivered(pair: string, refusal: Refusal): void {
    const member = this.byPair.get(pair);
    if (member === undefined || member.phase === 'done') return;
    member.phase = 'waiting';
    member.refused = refusal;
    member.refusedCount += 1;
  }

  ended(pair: string, ending: MemberEnding): void {
    const member = this.byPair.get(pair);
    if (member === undefined) return;
    member.phase = 'done';
    member.gate = null;
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

  /**
   * Judges a decision for all of the fleet or for the pairs that it names. It stands as a whole or not at all; what
   * stands is then judged by each pair's own gate.
   *
   * @param events in the fleet's history
   * @param undelivered decisions, of which the history knows nothing yet
   */
  decide(
    message: FleetMessage,
    at: string,
    events: number,
    undelivered: number,
    rules: FleetRules = RULES,
  ): FleetVerdict {
    if (this.input?.mode !== 'failover') {
      return refuse('only a fleet in the mode failover waits for an approval');
    }
    const isEarlyStop = rules.stopAtOnce && message.kind === 'reject';
    if (this.phase === 'listing' && !isEarlyStop) {
      return refuse(
        'the pairs of the fleet are not known yet; send it again when the query status counts them',
      );
    }
    const room = this.room(events, undelivered);
    const verdict =
      message.kind !== 'reject'
        ? this.address(message, room, rules)
        : this.phase === 'listing'
          ? this.rejectUnlisted(message)
          : this.reject(message, room, rules.stopAtOnce);
    if (!verdict.stands) return verdict;
    const { kind, by, reason, pairs, accept, ignoreRows, raisePastRows } = message;
    this.decisionsCount += 1;
    keep(this.decisions, {
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

  /** Why a signal of this kind cannot stand now, whatever it says; null where its content decides. */
  shutFor(kind: FleetMessage['kind']): string | null {
    if (this.input?.mode !== 'failover') {
      return 'only a fleet in the mode failover waits for an approval';
    }
    if (this.phase === 'listing') {
      return kind === 'reject'
        ? null
        : 'the pairs of the fleet are not known yet; send it again when the query status counts them';
    }
    return this.phase === 'done' ? 'the fleet is at its end already' : null;
  }

  /** Whether these arguments name a pair that may still have something to report. */
  awaits([report]: readonly unknown[]): boolean {
    const { pair } = (report ?? {}) as { pair?: unknown };
    const member = typeof pair === 'string' ? this.byPair.get(pair) : undefined;
    return member !== undefined && member.phase !== 'done';
  }

  /** Records a message that had no effect; the last 50 are kept, all are counted. */
  refuse(refusal: Refusal): void {
    this.refusedCount += 1;
    keep(this.refused, refusal);
  }

  /** Why the fleet has not come to a good end, when all is over; null when it has. */
  incomplete(): string | null {
    const failed = this.members.filter(isFailure);
    const block = this.findings.find(({ severity }) => severity === 'block');
    if (failed.length === 0 && block === undefined) return null;
    const { total } = this.counts();
    const named = failed
      .slice(0, NAMED)
      .map(({ pair, failure, message }) => `${pair}: ${failure ?? 'failed'}: ${cut(message ?? '', 200)}`);
    const more = failed.length > NAMED ? [`and ${failed.length - NAMED} more, see the query pairs`] : [];
    const found = block === undefined ? [] : [`${block.code}: ${block.message}; ${block.remedy}`];
    return [
      failed.length === 0
        ? `all ${total} pairs ended well, and need nothing more; what is not among them is to be mended and started by itself`
        : `${total - failed.length} of ${total} pairs ended well; what did not is to be mended and started anew`,
      ...named,
      ...more,
      ...found,
    ].join('; ');
  }

  gateState(): FleetGateState {
    const { queued, preparing, waiting, deciding } = this.counts();
    if (this.phase === 'listing' || queued + preparing > 0) return 'closed';
    if (waiting + deciding === 0 || waiting === 0) return 'decided';
    return this.members.some(({ phase, gate }) => phase === 'waiting' && gate === 'blocked')
      ? 'blocked'
      : 'open';
  }

  counts(): FleetStatus['counts'] {
    const counts = { total: this.members.length, queued: 0, preparing: 0, waiting: 0, deciding: 0, done: 0 };
    for (const { phase } of this.members) counts[phase] += 1;
    return counts;
  }

  status(): FleetStatus {
    const { input } = this;
    const failures = this.members.filter(isFailure);
    return {
      phase: this.phaseNow(),
      mode: input?.mode ?? null,
      startedAt: this.startedAt,
      ticket: input?.ticket ?? null,
      requestedBy: input?.requestedBy ?? null,
      concurrency: input?.concurrency ?? null,
      counts: this.counts(),
      outcomes: this.outcomes(),
      sequences: this.sequences(),
      minimumHeadroom: this.leastHeadroom(),
      findings: this.findings.map(withoutSubject),
      gate: input?.mode === 'failover' || this.refusedCount > 0 ? this.gate() : null,
      failures: failures.slice(0, LISTED).map(({ pair, failure, message }) => ({
        pair,
        failure: failure ?? 'Internal',
        message: cut(message ?? '', 300),
      })),
      failuresCount: failures.length,
      ending: this.ending,
    };
  }

  /** Pairs in the order in which they are started. @throws Error when `after` is no pair of the fleet */
  rows({
    after,
    limit,
    outcome,
  }: {
    after?: string | undefined;
    limit: number;
    outcome?: FleetOutcome | undefined;
  }): PairsAnswer {
    let start = 0;
    if (after !== undefined) {
      start = this.members.findIndex(({ pair }) => pair === after) + 1;
      if (start === 0) {
        throw new Error(
          `after: no pair ${JSON.stringify(after)} in this fleet; pass the \`next\` of the answer before, or leave it out`,
        );
      }
    }
    const matching = this.members
      .slice(start)
      .filter((member) => outcome === undefined || member.outcome === outcome);
    const answer = matching.slice(0, limit).map(toRow);
    return { rows: answer, next: matching.length > limit ? (answer.at(-1)?.pair ?? null) : null };
  }

  /** How many more decisions, each on one pair, the history of the fleet has room for. */
  private room(events: number, undelivered: number): number {
    const { queued, preparing, waiting, deciding } = this.counts();
    const toCome = EVENTS_TO_PREPARE * (queued + preparing) + EVENTS_TO_END * (waiting + deciding);
    return Math.max(0, Math.floor((EVENTS_AT_MOST - events - toCome) / EVENTS_A_DECISION) - undelivered);
  }

  private tooMany(addressed: number, room: number): string {
    return `the history of the fleet has room for decisions on ${room} more pairs, and this is one on ${addressed}: name fewer with "pairs", or decide in the pairs' own workflows, ${this.workflowId}/<pair>`;
  }

  private address(message: FleetMessage, room: number, rules: FleetRules): FleetVerdict {
    const { kind, by, reason, partial } = message;
    const chosen = this.chosen(message.pairs);
    if (typeof chosen === 'string') return refuse(chosen);
    const notYet = chosen.filter(({ phase }) => phase === 'queued' || phase === 'preparing');
    if (notYet.length > 0 && !partial) {
      return refuse(
        `${pairsText(notYet)} not at the gate yet: send it again when the query status shows gate.state open, or name with "pairs" those that wait`,
      );
    }
    const atGate = chosen.filter(({ phase }) => phase === 'waiting' || phase === 'deciding');
    const ended = message.pairs === null ? [] : chosen.filter(({ phase }) => phase === 'done');
    if (ended.length > 0 && !partial) return refuse(`${pairsText(ended)} at its end already; leave it out`);
    if (atGate.length === 0) return refuse('no pair waits at its gate any more');
    const names = new AddressedNames(message);
    const refusal = names.refusal(atGate);
    if (refusal !== null) return refuse(refusal);
    const blocked =
      rules.whole && kind === 'approve' ? atGate.filter((one) => names.inTheWay(one).length > 0) : [];
    if (blocked.length > 0 && !partial) {
      const named = blocked.map((member) => `${member.pair} by ${list(names.inTheWay(member))}`);
      return refuse(
        `${pairsText(blocked)} blocked: ${list(named)}. Mend it and send resynchronize, accept it by name with "accept", or decide on the others alone with "partial": true`,
      );
    }
    const addressed = blocked.length === 0 ? atGate : atGate.filter((one) => !blocked.includes(one));
    if (addressed.length === 0) return refuse(`${pairsText(blocked)} blocked, and there is no other`);
    if (addressed.length > room) return refuse(this.tooMany(addressed.length, room));
    const forward = addressed.map((member) =>
      toForward(member, kind, { by, ...(reason === null ? {} : { reason }), ...names.of(member) }),
    );
    const tooLong = decisionProblem(
      forward.map(({ argument }) => argument),
      rules.historyBytes,
    );
    if (tooLong !== null && rules.bounded()) return refuse(tooLong);
    for (const member of addressed) member.phase = 'deciding';
    const refused = [
      ...notYet.map(({ pair }) => ({ pair, reason: 'not at its gate yet' })),
      ...ended.map(({ pair }) => ({ pair, reason: 'at its end already' })),
      ...blocked.map((member) => ({
        pair: member.pair,
        reason: `blocked by ${list(names.inTheWay(member))}`,
      })),
    ];
    return { stands: true, forward, addressed: forward.length, refused };
  }

  /** Unlike an approval, a rejection is heard at any moment: it lets nothing pass. */
  private reject({ by, reason, pairs, partial }: FleetMessage, room: number, atOnce: boolean): FleetVerdict {
    const chosen = this.chosen(pairs);
    if (typeof chosen === 'string') return refuse(chosen);
    const open = chosen.filter(({ phase }) => phase !== 'done');
    const ended = pairs === null ? [] : chosen.filter(({ phase }) => phase === 'done');
    if (open.length === 0 || (ended.length > 0 && !partial)) {
      return refuse(`${pairsText(chosen.filter(({ phase }) => phase === 'done'))} at its end already`);
    }
    if (open.length > room) return refuse(this.tooMany(open.length, room));
    const rejection = { by, reason: reason ?? '' };
    const forward: Forward[] = [];
    for (const member of open) {
      if (member.phase === 'queued') {
        this.endBeforeItBegan(member, rejection);
      } else if (member.phase === 'preparing') {
        member.rejection ??= rejection;
        if (atOnce && member.started) forward.push(toForward(member, 'reject', rejection));
      } else {
        member.phase = 'deciding';
        forward.push(toForward(member, 'reject', rejection));
      }
    }
    const refused = ended.map(({ pair }) => ({ pair, reason: 'at its end already' }));
    return { stands: true, forward, addressed: open.length, refused };
  }

  /** While the pairs are being listed: those that are rejected are not started once they are found. */
  private rejectUnlisted({ by, reason, pairs }: FleetMessage): FleetVerdict {
    const rejection = { by, reason: reason ?? '' };
    const names = pairs ?? [null];
    const unknown = names.filter((name): name is string => name !== null && !this.mayList(name));
    if (unknown.length > 0) {
      return refuse(
        `the fleet has no pair ${list(unknown.map((pair) => JSON.stringify(pair)))}; the query pairs lists them`,
      );
    }
    if (this.rejectedUnlisted.size + names.length > 2 * MOST_PAIRS) {
      return refuse('more pairs are rejected than a fleet can have; reject all of them, without "pairs"');
    }
    for (const name of names) {
      if (!this.rejectedUnlisted.has(name)) this.rejectedUnlisted.set(name, rejection);
    }
    return { stands: true, forward: [], addressed: names.length, refused: [] };
  }

  private mayList(pair: string): boolean {
    const entries = this.input?.entries ?? [];
    return entries.some(
      (one) => one.pair === pair || (one.databases !== null && pair.startsWith(`${one.pair}/`)),
    );
  }

  private endBeforeItBegan({ pair }: Member, { by, reason }: { by: string; reason: string }): void {
    const message = `${by} rejected the failover before it began: ${reason}; nothing was started`;
    this.ended(pair, { outcome: 'rejected', failure: 'Rejected', message });
  }

  /** The members of these pairs, or why not. */
  private chosen(pairs: readonly string[] | null): Member[] | string {
    if (pairs === null) return this.members;
    const chosen = pairs.map((pair) => this.byPair.get(pair));
    const unknown = pairs.filter((pair) => !this.byPair.has(pair));
    return unknown.length === 0
      ? chosen.filter((member) => member !== undefined)
      : `the fleet has no pair ${list(unknown.map((pair) => JSON.stringify(pair)))}; the query pairs lists them`;
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
      decisions: this.decisions,
      decisionsCount: this.decisionsCount,
      refused: this.refused,
      refusedCount: this.refusedCount,
      attention: describeAttention(attention.slice(0, LISTED)),
      attentionCount: attention.length,
    };
  }

  private outcomes(): Record<FleetOutcome, number> {
    const outcomes: Record<FleetOutcome, number> = {
      planned: 0,
      verified: 0,
      synchronized: 0,
      'handed-off': 0,
      failed: 0,
      rejected: 0,
      cancelled: 0,
      pending: 0,
    };
    for (const { outcome } of this.members) outcomes[outcome] += 1;
    return outcomes;
  }

  private sequences(): Counts {
    const total = { ...NO_COUNTS };
    for (const { counts } of this.members) {
      if (counts === null) continue;
      for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += counts[key];
    }
    return total;
  }

  private leastHeadroom(): FleetStatus['minimumHeadroom'] {
    let least: FleetStatus['minimumHeadroom'] = null;
    for (const { pair, minimumHeadroom } of this.members) {
      if (minimumHeadroom === null) continue;
      if (least === null || BigInt(minimumHeadroom.calls) < BigInt(least.calls))
        least = { pair, ...minimumHeadroom };
    }
    return least;
  }
}

/** Beyond so many bytes of JSON the blocks of further pairs are left to their own workflows. */
const DESCRIBED_AT_MOST = 100_000;

function describeAttention(members: readonly Member[]): FleetAttention[] {
  let room = DESCRIBED_AT_MOST;
  return members.map(({ pair, gate, blockedBy, blockedCount, refused, blocks }) => {
    const shown = blocks.filter((block) => {
      const size = utf8Bytes(JSON.stringify(block));
      if (size > room) return false;
      room -= size;
      return true;
    });
    return { pair, gate, blockedBy: blockedBy.slice(0, 5), blockedCount, blocks: shown, refused };
  });
}

/** Without what only the fleet itself needs. */
function toRow(member: Member): FleetRow {
  const row: Partial<Member> & FleetRow = { ...member };
  delete row.entry;
  delete row.rejection;
  delete row.started;
  delete row.blocks;
  return row;
}

const isFailure = ({ failure }: FleetRow) => failure !== null;
const refuse = (reason: string) => ({ stands: false as const, reason });

/** Appends to a list of which the last are kept. */
function keep<T>(all: T[], one: T): void {
  all.push(one);
  if (all.length > KEPT) all.shift();
}

function toForward(
  { pair, workflowId }: FleetRow,
  kind: Forward['kind'],
  argument: Forward['argument'],
): Forward {
  const { by, ignoreRows, raisePastRows } = argument;
  const told =
    kind === 'resynchronize'
      ? {
          by,
          ...(ignoreRows === undefined ? {} : { ignoreRows }),
          ...(raisePastRows === undefined ? {} : { raisePastRows }),
        }
      : argument;
  return { pair, workflowId, kind, argument: told };
}

function pairsText(members: readonly FleetRow[]): string {
  return `${members.length === 1 ? 'the pair' : `${members.length} pairs`} ${list(members.map(({ pair }) => pair))} ${members.length === 1 ? 'is' : 'are'}`;
}

function list(entries: readonly string[]): string {
  const more = entries.length - NAMED;
  return entries.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
