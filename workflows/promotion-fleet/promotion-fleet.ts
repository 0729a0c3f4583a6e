import { patched, workflowInfo } from '@temporalio/workflow';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import type {
  SwitchDecision,
  PromotedPairState,
  PromotionFleetCertificate,
  PromotionFleetPhase,
  PromotionFleetStatus,
} from '../../src/contract/promotion-fleet.js';
import type { PromotionFleetInput } from '../../src/contract/promotion-fleet-input.js';
import type { Refusal } from '../../src/contract/gate.js';
import type { Ending } from '../../src/contract/status.js';
import { standbyNotOpened } from '../../src/planning/promotion/after-switch-findings.js';
import { doubtOfPair } from '../../src/planning/promotion/new-primary-findings.js';
import { cut } from '../../src/contract/parsing/text.js';
import { EndOfTask } from '../end-of-task.js';
import type { Cause, MemberProgress } from '../promotion/fleet-signals.js';
import { RecentList } from '../recent-list.js';
import { describePromotionFleet } from './details.js';
import { certify } from './fleet-certificate.js';
import { type Member, type MemberEnding, PromotedPairs } from './promoted-pairs.js';

/** As much of the ending's message, and of a reason, as the status keeps, in characters. */
const TEXT_KEPT = 4_000;

/** The state of a fleet of promotions. Other modules read it, and change it by its methods alone. */
export class PromotionFleet {
  readonly pairs = new PromotedPairs(workflowInfo().workflowId);
  private phase: PromotionFleetPhase = 'listing';
  private decided: SwitchDecision | null = null;
  private readonly allFindings: PromotionFinding[] = [];
  private readonly refused = new RecentList<Refusal>();
  private certificate: PromotionFleetCertificate | null = null;
  private ending: Ending | null = null;
  private broken: Error | null = null;
  private fenced = false;
  private notified = false;
  /** Of a task with many messages, only the last state is described. */
  private readonly details = new EndOfTask(() => {
    describePromotionFleet(this.status());
  });

  /** @param given null if the input was invalid */
  constructor(private readonly given: PromotionFleetInput | null) {}

  get input(): PromotionFleetInput {
    if (this.given === null) throw new Error('the fleet has no input');
    return this.given;
  }

  get members(): readonly Member[] {
    return this.pairs.all;
  }

  get decision(): SwitchDecision | null {
    return this.decided;
  }

  isUndone(): boolean {
    return this.decided?.order === 'undo';
  }

  get findings(): readonly PromotionFinding[] {
    return this.allFindings;
  }

  /** Whether the pairs were ordered to raise their fences. */
  get wasFenced(): boolean {
    return this.fenced;
  }

  /** An error for which the workflow task has to fail; null without one. */
  get error(): Error | null {
    return this.broken;
  }

  /** The pairs are known. A fleet that was stopped meanwhile starts none of them. */
  prepare(): void {
    if (this.decided === null) this.phase = 'preparing';
    this.details.ask();
  }

  addFindings(...findings: readonly PromotionFinding[]): void {
    this.allFindings.push(...findings);
    this.details.ask();
  }

  refuse(refusal: Refusal): void {
    this.refused.add(refusal);
  }

  /** Takes note of a progress. One that cannot be read, or is of no pair of the fleet, is ignored. */
  report(told: MemberProgress): void {
    const member = this.pairs.find((told as Partial<MemberProgress> | null | undefined)?.pair);
    if (member === undefined || member.state === 'done') return;
    this.details.ask();
    switch (told.state) {
      case 'failed':
        // Before the fence all pairs are heard, so that every reason is known.
        if (this.phase === 'preparing') {
          if (patched('failed-while-preparing')) this.pairs.failed(member, told);
          return;
        }
        this.stop({ type: told.type, message: `${member.pair}: ${told.message}` });
        return;
      case 'asks':
        this.stop({ type: told.type, message: `${member.pair}: ${told.message}` });
        return;
      case 'unopened':
        if (patched('unopened-pairs')) this.notOpened(member, told);
        return;
      case 'prepared':
        this.pairs.prepared(member, told);
        this.hear(told.notifies);
        return;
      case 'verified':
        this.pairs.verified(member, Date.parse(told.deadline));
        return;
      default:
        this.pairs.advance(member, told.state);
    }
  }

  /** Whether the fleet notifies: a worker of one of its pairs has a NOTIFY_URL. */
  get notifies(): boolean {
    return this.notified;
  }

  hear(notifies: boolean | undefined): void {
    if (notifies === true) this.notified = true;
  }

  ended(member: Member, ending: MemberEnding): void {
    this.pairs.ended(member, ending);
    this.addFindings(...doubtOfPair(member.pair, ending.status?.findings ?? []));
    if (!('cause' in ending) || this.phase === 'preparing') return;
    this.stop({ type: ending.cause.type, message: `${member.pair}: ${ending.cause.message}` });
  }

  /** The workflow task fails, and another worker takes it. */
  breakOff(error: Error): void {
    this.broken = error;
  }

  /** Whether each pair has come to this state, or has ended. For `open`, a pair that could not be opened is not waited for. */
  allAre(state: PromotedPairState): boolean {
    return this.members.every(
      (member) => this.pairs.isAtLeast(member, state) || (state === 'open' && member.unopened),
    );
  }

  private notOpened(member: Member, { type, message }: Cause): void {
    if (this.decided?.order !== 'switch') return;
    this.pairs.notOpened(member, { type, message });
    this.addFindings(standbyNotOpened(member.pair, member.workflowId, message));
  }

  /** Decides to undo every pair, unless the fleet has decided already. */
  stop({ type, message }: Cause): void {
    if (this.decided !== null) return;
    this.phase = 'undoing';
    this.details.ask();
    this.decided = {
      ...{ order: 'undo', at: new Date().toISOString() },
      ...{ failure: type, reason: cut(message, TEXT_KEPT) },
    };
  }

  /** All pairs are to be fenced now. */
  beginOutage(): void {
    this.phase = 'outage';
    this.fenced = true;
    this.details.ask();
    for (const member of this.members) this.pairs.advance(member, 'fencing');
  }

  /** The earliest deadline of the fenced pairs, in milliseconds since 1970; null before. */
  get deadline(): number | null {
    const deadlines = this.members.flatMap(({ deadline }) => deadline ?? []);
    return deadlines.length === 0 ? null : Math.min(...deadlines);
  }

  /** Every pair is ready: decides to switch, or to undo if there is no time left. */
  decide(): void {
    const { deadline } = this;
    if (this.decided !== null) return;
    if (deadline === null || Date.now() >= deadline) {
      const { outageBudget } = this.input;
      const message = `not all pairs were ready within the outage budget of ${outageBudget}`;
      this.stop({ type: 'BudgetExceeded', message });
      return;
    }
    this.phase = 'switched';
    this.details.ask();
    this.decided = { order: 'switch', at: new Date().toISOString(), failure: null, reason: null };
  }

  certify(): void {
    if (this.decided?.order === 'switch') this.certificate = certify(this.members, this.decided.at);
  }

  end(state: 'completed' | 'failed', message: string): void {
    this.phase = 'done';
    this.details.ask();
    this.ending = { state, message: cut(message, TEXT_KEPT), at: new Date().toISOString() };
  }

  status(): PromotionFleetStatus {
    const { workflowId, runId, startTime } = workflowInfo();
    const { given, deadline } = this;
    return {
      ...{ workflowId, runId, rehearsal: given?.rehearse ?? false, phase: this.phase },
      ...{ startedAt: startTime.toISOString(), ticket: given?.ticket ?? null },
      ...{ requestedBy: given?.requestedBy ?? null, outageBudget: given?.outageBudget ?? null },
      deadline: deadline === null ? null : new Date(deadline).toISOString(),
      ...{ decision: this.decided, pairs: this.pairs.rows(), findings: [...this.allFindings] },
      ...{ refused: [...this.refused.last], certificate: this.certificate, ending: this.ending },
    };
  }
}
