import type { FleetInput, FleetMessage } from '../src/contract/fleet.js';
import type {
  FleetDecision,
  FleetGateState,
  FleetOutcome,
  FleetPhase,
  FleetRow,
  FleetStatus,
  MemberReport,
  PairsAnswer,
} from '../src/contract/fleet-status.js';
import { foldFindings, withoutSubject } from '../src/contract/fold-findings.js';
import type { Counts, Ending, Finding, Refusal } from '../src/contract/status.js';
import { cut } from '../src/contract/text.js';

/** A row as it is kept, and what the fleet needs to run it. */
interface Member extends FleetRow {
  /** The index of the entry of the input that it comes from. */
  entry: number;
  /** What its gate is to be told as soon as it opens. */
  rejection: { by: string; reason: string } | null;
}

/** A decision that the gate of one pair is to be told. */
export interface Forward {
  pair: string;
  workflowId: string;
  kind: FleetMessage['kind'];
  argument: { by: string; reason?: string; accept?: string[] };
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
  { stands: true; forward: Forward[]; addressed: number } | { stands: false; reason: string };

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
      workflowId: `${this.workflowId}/${pair}`,
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
    };
    this.members.push(member);
    this.byPair.set(pair, member);
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
   * Takes note of what a pair says of its gate.
   *
   * @returns what the gate is to be told at once: a rejection that was decided before it opened
   */
  report(report: MemberReport): Forward[] {
    const member = this.byPair.get(report.pair);
    if (member === undefined || member.phase === 'done') return [];
    const { gate, counts, minimumHeadroom, approvals, blockedBy, blockedCount, refused, refusedCount } =
      report;
    Object.assign(member, { gate, counts, minimumHeadroom, approvals });
    Object.assign(member, { blockedBy, blockedCount, refused, refusedCount });
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
  decide(message: FleetMessage, at: string, events: number, undelivered: number): FleetVerdict {
    if (this.input?.mode !== 'failover') {
      return refuse('only a fleet in the mode failover waits for an approval');
    }
    if (this.phase === 'listing') {
      return refuse(
        'the pairs of the fleet are not known yet; send it again when the query status counts them',
      );
    }
    const room = this.room(events, undelivered);
    const verdict = message.kind === 'reject' ? this.reject(message, room) : this.address(message, room);
    if (!verdict.stands) return verdict;
    const { kind, by, reason, pairs, accept } = message;
    this.decisionsCount += 1;
    this.decisions = [
      ...this.decisions.slice(1 - KEPT),
      {
        at,
        kind,
        by,
        reason: reason === null ? null : cut(reason, 500),
        pairs: pairs === null ? null : pairs.slice(0, NAMED),
        accept: accept.slice(0, NAMED),
        addressed: verdict.addressed,
      },
    ];
    return verdict;
  }

  /** Records a message that had no effect; the last 50 are kept, all are counted. */
  refuse(refusal: Refusal): void {
    this.refusedCount += 1;
    this.refused = [...this.refused.slice(1 - KEPT), refusal];
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

  private address(message: FleetMessage, room: number): FleetVerdict {
    const { kind, by, reason, accept } = message;
    const chosen = this.chosen(message.pairs);
    if (typeof chosen === 'string') return refuse(chosen);
    const notYet = chosen.filter(({ phase }) => phase === 'queued' || phase === 'preparing');
    if (notYet.length > 0) {
      return refuse(
        `${pairsText(notYet)} not at the gate yet: send it again when the query status shows gate.state open, or name with "pairs" those that wait`,
      );
    }
    const atGate = chosen.filter(({ phase }) => phase === 'waiting' || phase === 'deciding');
    if (message.pairs !== null && atGate.length < chosen.length) {
      return refuse(
        `${pairsText(chosen.filter(({ phase }) => phase === 'done'))} at its end already; leave it out`,
      );
    }
    if (atGate.length === 0) return refuse('no pair waits at its gate any more');
    if (atGate.length > room) return refuse(this.tooMany(atGate.length, room));
    const unknown = accept.filter((entry) => !atGate.some((member) => stands(entry, member)));
    if (unknown.length > 0) {
      return refuse(
        `nothing to accept under the name ${list(unknown.map((entry) => JSON.stringify(entry)))} on the pairs addressed; the query pairs shows what stands in blockedBy (beyond the first 20 of a pair, approve its own workflow)`,
      );
    }
    const forward = atGate.map((member) => {
      member.phase = 'deciding';
      // A gate refuses an approval that accepts what does not stand there.
      const own = accept.filter((entry) => stands(entry, member));
      return toForward(member, kind, {
        by,
        ...(reason === null ? {} : { reason }),
        ...(own.length === 0 ? {} : { accept: own }),
      });
    });
    return { stands: true, forward, addressed: forward.length };
  }

  /** Unlike an approval, a rejection can be remembered: it lets nothing pass. */
  private reject({ by, reason, pairs }: FleetMessage, room: number): FleetVerdict {
    const chosen = this.chosen(pairs);
    if (typeof chosen === 'string') return refuse(chosen);
    const open = chosen.filter(({ phase }) => phase !== 'done');
    if (open.length === 0 || (pairs !== null && open.length < chosen.length)) {
      return refuse(`${pairsText(chosen.filter(({ phase }) => phase === 'done'))} at its end already`);
    }
    if (open.length > room) return refuse(this.tooMany(open.length, room));
    const rejection = { by, reason: reason ?? '' };
    const forward: Forward[] = [];
    for (const member of open) {
      if (member.phase === 'queued') {
        const message = `${by} rejected the failover before it began: ${rejection.reason}; nothing was started`;
        this.ended(member.pair, { outcome: 'rejected', failure: 'Rejected', message });
      } else if (member.phase === 'preparing') {
        member.rejection = rejection;
      } else {
        member.phase = 'deciding';
        forward.push(toForward(member, 'reject', rejection));
      }
    }
    return { stands: true, forward, addressed: open.length };
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
      attention: attention.slice(0, LISTED).map(({ pair, gate, blockedBy, blockedCount, refused }) => ({
        pair,
        gate,
        blockedBy: blockedBy.slice(0, 5),
        blockedCount,
        refused,
      })),
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

/** Without what only the fleet itself needs. */
function toRow(member: Member): FleetRow {
  const row: Partial<Member> & FleetRow = { ...member };
  delete row.entry;
  delete row.rejection;
  return row;
}

const isFailure = ({ failure }: FleetRow) => failure !== null;
const refuse = (reason: string) => ({ stands: false as const, reason });

/** Whether an approval of the pair may accept this: as the pair's own gate names its blocks. */
function stands(entry: string, { blockedBy }: FleetRow): boolean {
  return blockedBy.some(({ code, sequence }) => entry === (sequence ?? code) || entry.startsWith(`${code} `));
}

function toForward(
  { pair, workflowId }: FleetRow,
  kind: Forward['kind'],
  argument: Forward['argument'],
): Forward {
  return { pair, workflowId, kind, argument: kind === 'resynchronize' ? { by: argument.by } : argument };
}

function pairsText(members: readonly FleetRow[]): string {
  return `${members.length === 1 ? 'the pair' : `${members.length} pairs`} ${list(members.map(({ pair }) => pair))} ${members.length === 1 ? 'is' : 'are'}`;
}

function list(entries: readonly string[]): string {
  const more = entries.length - NAMED;
  return entries.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
