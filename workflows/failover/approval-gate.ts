import { UNACCEPTABLE } from '../../src/findings/finding-catalog.js';
import { isCovered, stillStanding } from '../../src/findings/finding-scope.js';
import type { RowsNames } from '../../src/contract/messages.js';
import type { Approval, DecidedRows, Gate, GateState } from '../../src/contract/status.js';
import { jsonBytes } from '../../src/contract/parsing/json-size.js';
import { isSamePerson } from '../../src/contract/parsing/text.js';
import { Acceptance, nameOf } from './acceptance.js';
import { type Block, closedGate, type GateMemory } from './gate-memory.js';
import { RowsDecision, saidTwice } from '../rows-decision.js';

/** Whether a message took effect, and if not, why. */
export type Verdict = { stands: true } | { stands: false; reason: string };

const STANDS: Verdict = { stands: true };
const REFUSALS_KEPT = 50;
const BLOCKS_NAMED = 10;
/** What all approvals accept, in bytes of JSON: every status and every continue-as-new carries it, and Temporal takes 2 MiB. */
const ACCEPTED_AT_MOST = 300_000;
const TOO_LATE = 'the time for an approval has run out';

/**
 * The gate in front of promotion: a state machine without clock or I/O. It is closed until the standby is
 * synchronized, then open, or blocked while a finding stands that only a person may accept.
 */
export class ApprovalGate {
  constructor(readonly memory: GateMemory) {}

  static closed(required: number): ApprovalGate {
    return new ApprovalGate(closedGate(required));
  }

  get state(): GateState {
    return this.memory.state;
  }

  /** True when waiting is over: approved, rejected or timed out. */
  isDecided(): boolean {
    return this.state === 'approved' || this.state === 'rejected' || this.state === 'timed-out';
  }

  /** Opens, or opens again, for the blocks that stand now; the deadline of the first opening holds. */
  open(blocks: Block[], now: number, timeoutMs: number): void {
    this.memory.deadline ??= now + timeoutMs;
    this.standing(blocks);
    if (this.state === 'closed') this.settle();
  }

  /**
   * Takes note of what stands now. A block that was not there before clears the approvals, unless they have opened the
   * gate already: then the verification that follows decides.
   */
  standing(blocks: Block[]): void {
    const isNew = blocks.some((block) => !isCovered(this.memory.blocks, block));
    this.memory.blocks = blocks;
    if (isNew && !this.isDecided()) this.memory.approvals = [];
    if (this.state === 'open' || this.state === 'blocked') this.settle();
  }

  /** Closes the gate while every sequence is synchronized anew; what was approved before counts no more. */
  close(): void {
    this.memory.approvals = [];
    this.memory.accepted = [];
    this.memory.resynchronizeBy = null;
    delete this.memory.known;
    this.memory.state = 'closed';
  }

  /** Takes note of the warnings that stand as the gate opens: whoever approves can see them. */
  know(warnings: Block[]): void {
    this.memory.known = warnings;
  }

  /** Takes note of the warnings that stand while somebody may approve: one that has passed is news if it comes back. */
  knowOnly(warnings: Block[]): void {
    const { known } = this.memory;
    if (known !== undefined && !this.isDecided()) this.memory.known = stillStanding(known, warnings);
  }

  get knowsWarnings(): boolean {
    return this.memory.known !== undefined;
  }

  /** Whether this warning is, or covers more than, what stood when the gate opened. */
  isNews(warning: Block): boolean {
    const { known } = this.memory;
    return known !== undefined && !isCovered(known, warning);
  }

  /** Back from an approval that the fresh verification did not bear out. */
  reopen(blocks: Block[]): void {
    this.memory.approvals = [];
    this.memory.accepted = [];
    this.memory.blocks = blocks;
    this.settle();
  }

  /**
   * Why a message of this kind has no effect now, whatever it says; null where its content decides. It costs nothing, so
   * that a flood of messages need not be read.
   */
  shutFor(kind: 'approve' | 'reject' | 'resynchronize'): string | null {
    if (kind !== 'reject') return this.shut();
    switch (this.state) {
      case 'approved':
        return this.memory.sealed ? this.shut() : null;
      case 'rejected':
      case 'timed-out':
        return this.shut();
      default:
        return null;
    }
  }

  /** Whether the record has no room for the names of this approval. */
  isTooLong({ accept, ignoreRows = [], raisePastRows = [] }: Omit<Approval, 'at'>): boolean {
    return jsonBytes([accept, ignoreRows, raisePastRows]) > this.roomForNames;
  }

  /**
   * @param rules `isSame`: whether two names are of one person, who counts as one approver; `bounded`: false in the history of an
   * earlier version, which took names of any length
   */
  approve(
    approval: Approval,
    { isSame = isSamePerson, bounded = true }: { isSame?: typeof isSamePerson; bounded?: boolean } = {},
  ): Verdict {
    const shut = this.shut();
    if (shut !== null) return refuse(shut);
    // The timer may come late; the deadline in the record holds.
    const { deadline } = this.memory;
    if (deadline !== null && Date.parse(approval.at) >= deadline) return refuse(TOO_LATE);
    if (bounded && this.isTooLong(approval)) {
      return refuse(
        `the record has room for names of ${this.roomForNames} bytes of JSON in each of ${this.memory.required} approvals: fix some of the blocks and signal resynchronize`,
      );
    }
    const acceptance = new Acceptance(approval.accept);
    const unknown = acceptance.unknown(this.memory.blocks);
    if (unknown.length > 0) {
      return refuse(
        `nothing to accept under the name ${list(unknown.map((entry) => JSON.stringify(entry)))}; ${this.standingText()}`,
      );
    }
    const rows = new RowsDecision(approval);
    const decided = this.decideRows(approval);
    if (!Array.isArray(decided)) return decided;
    const twice = saidTwice(approval);
    if (twice !== null) {
      return refuse(
        `${JSON.stringify(twice)} is named twice: name it either in ignoreRows, or in raisePastRows, or, to leave it, in accept; what else stands on it is accepted by its code and its name, such as ${JSON.stringify(`FEEDS_DIFFER ${twice}`)}`,
      );
    }
    const dark = this.memory.blocks.filter(({ code }) => UNACCEPTABLE.has(code));
    if (dark.length > 0) {
      return refuse(
        `blocked by ${list(dark.map(describe))}, which nobody can accept, ${UNACCEPTABLE.get(dark[0]?.code ?? '') ?? ''}: mend it and wait for the next look`,
      );
    }
    const open = this.memory.blocks.filter((block) => !rows.covers(block) && !acceptance.covers(block));
    if (open.length > 0) {
      return refuse(
        `blocked by ${list(open.map(describe))}: fix it and signal resynchronize, or accept it by name with {"accept": [${list(open.map((block) => JSON.stringify(nameOf(block))))}]}${aboutRows(open)}`,
      );
    }
    const others = this.memory.approvals.filter(({ by }) => !isSame(by, approval.by));
    for (const other of others) {
      const name = rows.contradicts(new RowsDecision(other));
      if (name !== null) {
        return refuse(
          `${other.by} decided otherwise about the rows of ${JSON.stringify(name)}: say the same, or signal resynchronize to begin anew`,
        );
      }
    }
    this.memory.approvals = [...others, approval];
    if (this.memory.approvals.length >= this.memory.required) {
      // What was decided about rows is done and proved, not accepted.
      this.memory.accepted = this.memory.blocks.filter((block) => !rows.covers(block));
      if (decided.length > 0) this.memory.decidedRows = decided;
      this.memory.state = 'approved';
    }
    return STANDS;
  }

  /**
   * Stops the run, from its first moment until the handoff begins.
   *
   * @param always false in the history of an earlier version, which heard no rejection while the gate was closed
   */
  reject(by: string, reason: string, always = true): Verdict {
    const shut = this.shutFor('reject');
    if (shut !== null) return refuse(shut);
    if (!always && this.state !== 'approved') {
      const closed = this.shut();
      if (closed !== null) return refuse(closed);
    }
    this.memory.rejection = { by, reason };
    this.memory.state = 'rejected';
    return STANDS;
  }

  /** @param names what its rows mean, for single sequences; the round that follows goes by it */
  resynchronize(by: string, names: RowsNames = {}): Verdict {
    const shut = this.shut();
    if (shut !== null) return refuse(shut);
    const decided = this.decideRows({ by, ...names });
    if (!Array.isArray(decided)) return decided;
    if (decided.length > 0) this.memory.decidedRows = decided;
    this.memory.approvals = [];
    this.memory.resynchronizeBy = by;
    return STANDS;
  }

  /** From here on the handoff is under way, and a rejection comes too late. */
  seal(): void {
    this.memory.sealed = true;
  }

  timeOut(): void {
    if (!this.isDecided()) this.memory.state = 'timed-out';
  }

  /** Whether an approver accepted this block by name. */
  accepted(block: Block): boolean {
    return isCovered(this.memory.accepted, block);
  }

  /** Records a message that had no effect; the last 50 are kept, all are counted. */
  refuse(refusal: Gate['refused'][number]): void {
    this.memory.refusedCount += 1;
    this.memory.refused.push(refusal);
    if (this.memory.refused.length > REFUSALS_KEPT) this.memory.refused.shift();
  }

  view(): Gate {
    const { state, required, approvals, refused, refusedCount, deadline, blocks } = this.memory;
    return {
      state,
      required,
      approvals,
      refused,
      refusedCount,
      deadline: deadline === null ? null : new Date(deadline).toISOString(),
      blockedBy: blocks.map(({ code, sequence }) => ({ code, sequence })),
      ...(this.memory.decidedRows === undefined ? {} : { decidedRows: this.memory.decidedRows }),
    };
  }

  /** @returns what is decided about rows with this message, or why it cannot stand */
  private decideRows({ by, ...names }: RowsNames & { by: string }): DecidedRows[] | Verdict {
    const { blocks, decidedRows = [] } = this.memory;
    const { ignoreRows = [], raisePastRows = [] } = names;
    const both = ignoreRows.find((name) => raisePastRows.includes(name));
    if (both !== undefined)
      return refuse(
        `${JSON.stringify(both)} is named twice: name it either in ignoreRows or in raisePastRows`,
      );
    const rows = new RowsDecision(names);
    const unknown = rows.unknown(blocks, decidedRows);
    if (unknown.length > 0) {
      return refuse(
        `no block OUTLIER_DATA stands on ${list(unknown.map((name) => JSON.stringify(name)))}: its rows are in nobody's way; ${this.standingText()}`,
      );
    }
    return (
      rows.addTo(decidedRows, by) ??
      refuse(
        'a run decides about the rows of at most 500 sequences by name: start it again with overrides by pattern',
      )
    );
  }

  /** Of each approval, in bytes of JSON. */
  private get roomForNames(): number {
    return Math.floor(ACCEPTED_AT_MOST / this.memory.required);
  }

  private settle(): void {
    this.memory.state = this.memory.blocks.length > 0 ? 'blocked' : 'open';
  }

  private shut(): string | null {
    switch (this.state) {
      case 'open':
      case 'blocked':
        return this.memory.resynchronizeBy === null
          ? null
          : 'the gate is closed: a resynchronization was asked for and has not ended yet';
      case 'closed':
        return 'the gate is closed: the sequences are not synchronized and verified yet; send it again when the query status shows gate.state open';
      case 'approved':
        return this.memory.sealed
          ? 'the run was approved and is being handed off'
          : 'the gate was approved already; the last verification is under way';
      case 'rejected':
        return 'the run was rejected already';
      case 'timed-out':
        return TOO_LATE;
    }
  }

  private standingText(): string {
    const { blocks } = this.memory;
    return blocks.length === 0
      ? 'no block stands, leave accept out'
      : `what stands is ${list(blocks.map((block) => JSON.stringify(nameOf(block))))}`;
  }
}

/** The ways on that only rows have. */
function aboutRows(blocks: readonly Block[]): string {
  const names = blocks.flatMap(({ code, sequence }) =>
    code === 'OUTLIER_DATA' && sequence !== null ? [JSON.stringify(sequence)] : [],
  );
  return names.length === 0
    ? ''
    : `, or say what the rows mean with {"ignoreRows": [${list(names)}]} or {"raisePastRows": [${list(names)}]}`;
}

const describe = (block: Block) =>
  block.sequence === null ? block.code : `${block.code} on ${block.sequence}`;
const refuse = (reason: string): Verdict => ({ stands: false, reason });

function list(entries: string[]): string {
  const more = entries.length - BLOCKS_NAMED;
  return entries.slice(0, BLOCKS_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
