import { type FindingIdentity, isCovered, stillPresent } from '../../src/findings/finding-identity.js';
import type { RowsNames } from '../../src/contract/messages.js';
import type { Approval, ApproversView, Gate, GateState } from '../../src/contract/gate.js';
import { isSamePerson } from '../../src/contract/parsing/text.js';
import type { DeepReadonly } from './deep-readonly.js';
import { closedGate, type GateMemory } from './gate-memory.js';
import { type ApprovalRules, isTooLong, judgeApproval } from './judge-approval.js';
import { addRecent } from '../recent-list.js';
import { refusedBecause } from '../refusal.js';
import { decideRows } from '../rows-decision.js';

/** Whether a message took effect; if not, the reason. */
export type Verdict = { stands: true } | { stands: false; reason: string };

const STANDS: Verdict = { stands: true };
const TOO_LATE = 'the time for an approval has run out';

/**
 * The gate before the handoff: a state machine without clock or I/O. It is closed until the standby is synchronized and verified. Then it
 * is open, or blocked while there is a block that nobody has accepted.
 */
export class ApprovalGate {
  constructor(private readonly remembered: GateMemory) {}

  get memory(): DeepReadonly<GateMemory> {
    return this.remembered;
  }

  static closed(required: number, notBefore?: number): ApprovalGate {
    return new ApprovalGate(closedGate(required, notBefore));
  }

  get state(): GateState {
    return this.remembered.state;
  }

  /** Whether the waiting is over: the gate is approved, rejected or timed out. */
  isDecided(): boolean {
    return this.state === 'approved' || this.state === 'rejected' || this.state === 'timed-out';
  }

  /** The time until which a gate with all approvals still waits (`notBefore`), in milliseconds since the epoch; null if it does not. */
  get heldUntil(): number | null {
    const { held, notBefore } = this.remembered;
    return held === undefined || this.isDecided() ? null : (notBefore ?? null);
  }

  /** Approves the gate at `notBefore`, if it has all approvals. The last verification follows. */
  release(now: number): void {
    const { held, notBefore = 0 } = this.remembered;
    if (held === undefined || now < notBefore || this.isDecided()) return;
    delete this.remembered.held;
    this.pass(held);
  }

  /** Opens the gate, or opens it again, with the present blocks. The deadline of the first opening stays. */
  open(blocks: FindingIdentity[], now: number, timeoutMs: number): void {
    this.remembered.deadline ??= now + timeoutMs;
    this.setBlocks(blocks);
    if (this.state === 'closed') this.settle();
  }

  /**
   * Records the present blocks. A new block clears the approvals, unless the gate is approved already: then the verification that follows
   * decides.
   */
  setBlocks(blocks: FindingIdentity[]): void {
    const isNew = blocks.some((block) => !isCovered(this.remembered.blocks, block));
    this.remembered.blocks = blocks;
    if (isNew && !this.isDecided()) this.clearApprovals();
    if (this.state === 'open' || this.state === 'blocked') this.settle();
  }

  /** Closes the gate while every sequence is synchronized again, and clears the approvals. */
  close(): void {
    this.clearApprovals();
    this.remembered.accepted = [];
    this.remembered.resynchronizeBy = null;
    delete this.remembered.known;
    delete this.remembered.limitsBlock;
    this.remembered.state = 'closed';
  }

  /**
   * Records the warnings that exist when the gate opens, which an approver can see.
   *
   * @param limitsBlock whether a new STANDBY_LIMIT is a block
   */
  noteWarnings(warnings: FindingIdentity[], limitsBlock = true): void {
    this.remembered.known = warnings;
    if (limitsBlock) this.remembered.limitsBlock = true;
  }

  /** Records which of these warnings still exist. A warning that went away counts as new if it comes back. */
  dropClearedWarnings(warnings: FindingIdentity[]): void {
    const { known } = this.remembered;
    if (known !== undefined && !this.isDecided()) this.remembered.known = stillPresent(known, warnings);
  }

  get hasNotedWarnings(): boolean {
    return this.remembered.known !== undefined;
  }

  /** Whether a warning is new, or is about more than it was when the gate opened. */
  isNewWarning(warning: FindingIdentity): boolean {
    const { known } = this.remembered;
    if (warning.code === 'STANDBY_LIMIT' && !this.isUnexpectedLimit(warning)) return false;
    return known !== undefined && !isCovered(known, warning);
  }

  /** Not if somebody has decided to raise the sequence past its rows, where fewer values may be left. */
  private isUnexpectedLimit({ sequence }: FindingIdentity): boolean {
    const { limitsBlock, decidedRows = [] } = this.remembered;
    return (
      limitsBlock === true &&
      !decidedRows.some((decided) => decided.sequence === sequence && decided.rows === 'raise')
    );
  }

  /** Goes back from `approved`, since the verification after the approval found a block. */
  reopen(blocks: FindingIdentity[]): void {
    this.clearApprovals();
    this.remembered.accepted = [];
    this.remembered.blocks = blocks;
    this.settle();
  }

  /**
   * Why every message of this kind is refused now; null if the content of the message decides. It is cheap, so that in a flood of messages
   * their contents need not be read.
   */
  shutFor(kind: 'approve' | 'reject' | 'resynchronize'): string | null {
    if (kind === 'approve') return this.shut() ?? this.whyHeld();
    if (kind === 'resynchronize') return this.shut();
    switch (this.state) {
      case 'approved':
        return this.remembered.sealed ? this.shut() : null;
      case 'rejected':
      case 'timed-out':
        return this.shut();
      default:
        return null;
    }
  }

  /** Whether the names in this approval are too long for the record. */
  isTooLong(approval: Omit<Approval, 'at'>): boolean {
    return isTooLong(approval, this.remembered.required);
  }

  /** @param rules a run that an older version began may not follow all of the present rules */
  approve(approval: Approval, rules: Partial<ApprovalRules> = {}): Verdict {
    const shut = this.shutFor('approve');
    if (shut !== null) return refusedBecause(shut);
    // The timer may fire late; the recorded deadline counts.
    const { deadline } = this.remembered;
    if (deadline !== null && Date.parse(approval.at) >= deadline) return refusedBecause(TOO_LATE);
    const judged = judgeApproval(approval, this.remembered, {
      isSame: isSamePerson,
      bounded: true,
      ...rules,
    });
    if (!judged.stands) return judged;
    const { rows, decided, others } = judged;
    this.remembered.approvals = [...others, approval];
    if (this.remembered.approvals.length >= this.remembered.required) {
      // Blocks about decided rows are not accepted: the decision is carried out, and the result is verified.
      const accepted = this.remembered.blocks.filter((block) => !rows.covers(block));
      const { notBefore } = this.remembered;
      if (notBefore !== undefined && Date.parse(approval.at) < notBefore)
        this.remembered.held = { accepted, decidedRows: decided };
      else this.pass({ accepted, decidedRows: decided });
    }
    return STANDS;
  }

  /**
   * Rejects the failover. This is possible from the start of the run until the handoff begins.
   *
   * @param always false in the history of an earlier version, which refused a rejection while the gate was closed
   */
  reject(by: string, reason: string, always = true): Verdict {
    const shut = this.shutFor('reject');
    if (shut !== null) return refusedBecause(shut);
    if (!always && this.state !== 'approved') {
      const closed = this.shut();
      if (closed !== null) return refusedBecause(closed);
    }
    this.remembered.rejection = { by, reason };
    this.remembered.state = 'rejected';
    return STANDS;
  }

  /** @param names decisions about rows of single sequences, which the next round uses */
  resynchronize(by: string, names: RowsNames = {}): Verdict {
    const shut = this.shut();
    if (shut !== null) return refusedBecause(shut);
    const decided = decideRows({ by, ...names }, this.remembered);
    if (typeof decided === 'string') return refusedBecause(decided);
    if (decided.length > 0) this.remembered.decidedRows = decided;
    this.clearApprovals();
    this.remembered.resynchronizeBy = by;
    return STANDS;
  }

  /** The handoff begins; from now on a rejection comes too late. */
  seal(): void {
    this.remembered.sealed = true;
  }

  timeOut(): void {
    if (!this.isDecided()) this.remembered.state = 'timed-out';
  }

  /** Whether an approver accepted this block by name. */
  accepted(block: FindingIdentity): boolean {
    return isCovered(this.remembered.accepted, block);
  }

  /** Records a message without effect. The last 50 are kept, and all are counted. */
  refuse(refusal: Gate['refused'][number]): void {
    this.remembered.refusedCount += 1;
    addRecent(this.remembered.refused, refusal);
  }

  /** @param approvers null if anybody may approve */
  view(approvers: ApproversView | null = null): Gate {
    const { state, required, approvals, refused, refusedCount, deadline, blocks, notBefore } =
      this.remembered;
    const { heldUntil } = this;
    return {
      state,
      required,
      approvals,
      refused,
      refusedCount,
      deadline: deadline === null ? null : new Date(deadline).toISOString(),
      blockedBy: blocks.map(({ code, sequence }) => ({ code, sequence })),
      ...(this.remembered.decidedRows === undefined ? {} : { decidedRows: this.remembered.decidedRows }),
      ...(approvers === null ? {} : { approvers }),
      ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore).toISOString() }),
      ...(heldUntil === null ? {} : { heldUntil: new Date(heldUntil).toISOString() }),
    };
  }

  private pass({ accepted, decidedRows }: NonNullable<GateMemory['held']>): void {
    this.remembered.accepted = accepted;
    if (decidedRows.length > 0) this.remembered.decidedRows = decidedRows;
    this.remembered.state = 'approved';
  }

  private clearApprovals(): void {
    this.remembered.approvals = [];
    delete this.remembered.held;
  }

  private whyHeld(): string | null {
    const until = this.heldUntil;
    return until === null
      ? null
      : `the gate has all its approvals already, and waits until ${new Date(until).toISOString()} (approval.notBefore)`;
  }

  private settle(): void {
    this.remembered.state = this.remembered.blocks.length > 0 ? 'blocked' : 'open';
  }

  private shut(): string | null {
    switch (this.state) {
      case 'open':
      case 'blocked':
        return this.remembered.resynchronizeBy === null
          ? null
          : 'the gate is closed: a resynchronization was asked for and has not ended yet';
      case 'closed':
        return 'the gate is closed: the sequences are not synchronized and verified yet; send it again when the query status shows gate.state open';
      case 'approved':
        return this.remembered.sealed
          ? 'the run was approved and is being handed off'
          : 'the gate was approved already; the last verification is under way';
      case 'rejected':
        return 'the run was rejected already';
      case 'timed-out':
        return TOO_LATE;
    }
  }
}
