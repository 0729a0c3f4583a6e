import { patched, workflowInfo } from '@temporalio/workflow';
import type { PromotionInput } from '../../src/contract/promotion-input.js';
import type {
  PromotionCertificate,
  PromotionFinding,
  PromotionPhase,
  PromotionStatus,
  PromotionStep,
  PromotionStepName,
  StepState,
} from '../../src/contract/promotion.js';
import type { Approval, Refusal } from '../../src/contract/gate.js';
import type { Ending, RunResult } from '../../src/contract/status.js';
import type { WayBackNames } from '../../src/steps/promotion-steps.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { wayBackNames } from '../../src/steps/way-back-names.js';
import { cut } from '../../src/contract/parsing/text.js';
import { leftToFinish } from '../../src/planning/promotion/left-to-finish.js';
import { Acceptance } from '../../src/findings/acceptance.js';
import type { FindingIdentity } from '../../src/findings/finding-identity.js';
import { present } from '../present.js';
import { RecentList } from '../recent-list.js';
import { describePromotion } from './details.js';
import { type Facts, nothingKnown, type Proof } from './facts.js';
import type { FleetLink } from './fleet-link.js';
import { UndoStack } from './undo.js';

const STEPS: readonly PromotionStepName[] = [
  ...(['check', 'synchronize', 'wayBack', 'fence', 'confirm', 'verify'] as const),
  ...(['beforeSwitch', 'open', 'traffic', 'enableWayBack'] as const),
];

/** As much of the ending's message as the status keeps, in characters. */
const ENDING_KEPT = 4_000;

/** The state of one promotion. Other modules read it, and change it by its methods alone. */
export class Promotion {
  readonly undo = new UndoStack();
  private link: FleetLink | null = null;
  private phase: PromotionPhase = 'before-the-switch';
  private readonly facts = nothingKnown();
  private readonly proof: Partial<Proof> = {};
  private allFindings: PromotionFinding[] = [];
  private readonly leftovers: string[] = [];
  private ending: Ending | null = null;
  private readonly refused = new RecentList<Refusal>();
  private readonly steps: PromotionStep[] = STEPS.map((step) => ({
    step,
    state: 'pending',
    startedAt: null,
    ms: null,
  }));

  constructor(
    /** Null if the input was invalid. */
    private readonly given: PromotionInput | null,
    private handedOff: RunResult | null,
  ) {}

  /** The failure after which the promotion has waited until no late change can be committed any more; null before. */
  waitedAfter: unknown = null;

  /** The record of the run that handed off; null without one. */
  get record(): RunResult | null {
    return this.handedOff;
  }

  /** Of a promotion that a fleet started; null otherwise. */
  get fleet(): FleetLink | null {
    return this.link;
  }

  join(fleet: FleetLink): void {
    this.link = fleet;
  }

  /** The fleet of a run handed off, and the record of the run was read. */
  adopt(record: RunResult): void {
    this.handedOff = record;
  }

  /** What is known so far. */
  get known(): Readonly<Facts> {
    return this.facts;
  }

  /** The LSN of the fence; null before it. */
  get fenceLsn(): string | null {
    return this.proof.fenceLsn ?? null;
  }

  get findings(): readonly PromotionFinding[] {
    return this.allFindings;
  }

  get input(): PromotionInput {
    return present(this.given, 'input', 'promotion');
  }

  get pair(): string {
    return this.input.pair ?? this.record?.pair ?? 'default';
  }

  get identity(): PairIdentity {
    return present(this.facts.readiness, 'readiness report', 'promotion').identity;
  }

  get approvals(): Approval[] {
    return this.record?.gate?.approvals ?? [];
  }

  get ticket(): string | null {
    return this.given?.ticket ?? this.record?.ticket ?? null;
  }

  get requestedBy(): string | null {
    return this.given?.requestedBy ?? this.record?.requestedBy ?? null;
  }

  get names(): WayBackNames {
    return wayBackNames(this.identity.standby);
  }

  /** Whether a person accepted the finding by name, in the input or in an approval of the run that handed off. */
  isAccepted(finding: FindingIdentity): boolean {
    const { code, sequence } = finding;
    const names = [...this.input.accept, ...this.approvals.flatMap(({ accept }) => accept)];
    if (names.includes(code) || (sequence !== null && names.includes(sequence))) return true;
    // Earlier versions took no entry with a code and a thing.
    return new Acceptance(names).covers(finding) && patched('things-accepted');
  }

  setFacts(facts: Partial<Omit<Facts, 'deadline' | 'certificate'>>): void {
    Object.assign(this.facts, facts);
  }

  setProof(facts: Partial<Omit<Proof, 'fencedAt' | 'openedAt'>>): void {
    Object.assign(this.proof, facts);
  }

  /** From here on the primary takes no writes, until the standby is open or the fence is lifted. */
  beginOutage(budgetMs: number): void {
    const now = Date.now();
    this.phase = 'outage';
    this.proof.fencedAt = now;
    this.facts.deadline = now + budgetMs;
  }

  /** The standby takes writes: from here on nothing is undone. */
  opened(): void {
    this.proof.openedAt = Date.now();
  }

  /** Whether the standby is the primary now. A rehearsal never is. */
  get isSwitched(): boolean {
    return !this.input.rehearse && this.stateOf('open') === 'done';
  }

  /** Everything that follows only completes the switch. */
  switched(): void {
    this.undo.forget();
    this.phase = 'switched';
    // That finding tells a person to lift the read-only default, which this promotion has done.
    this.allFindings = this.allFindings.filter(({ code }) => code !== 'READ_ONLY_DEFAULT');
  }

  /** Undoes all steps, and notes on each how far its undo is. */
  async undoAll(): Promise<void> {
    await this.undo.undoAll((step, state) => {
      this.note(step, state);
    });
  }

  /** Undoes all steps, because the promotion has failed. @param heldUpBy a finding that goes when everything was undone */
  async fail(heldUpBy: PromotionFinding | null): Promise<void> {
    this.phase = 'undoing';
    await this.undoAll();
    if (this.undo.changes.length === 0) this.allFindings = this.allFindings.filter((one) => one !== heldUpBy);
  }

  /** @param statements that a person has to run, since the promotion does not clean up after itself here */
  leave(...statements: readonly string[]): void {
    this.leftovers.push(...statements);
  }

  end(state: 'completed' | 'failed', message: string): void {
    this.phase = 'done';
    this.ending = { state, message: cut(message, ENDING_KEPT), at: new Date().toISOString() };
    describePromotion(this.status());
  }

  async step<T>(name: PromotionStepName, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    this.note(name, 'running');
    this.stepOf(name).startedAt = new Date(started).toISOString();
    try {
      const result = await work();
      this.note(name, 'done');
      return result;
    } catch (error) {
      this.note(name, 'failed');
      throw error;
    } finally {
      this.stepOf(name).ms = Date.now() - started;
    }
  }

  note(name: PromotionStepName, state: StepState): void {
    this.stepOf(name).state = state;
    describePromotion(this.status());
  }

  stateOf(name: PromotionStepName): StepState {
    return this.stepOf(name).state;
  }

  addFindings(...findings: readonly PromotionFinding[]): void {
    this.allFindings.push(...findings);
    describePromotion(this.status());
  }

  /** They replace the findings of an earlier check that have the same codes. */
  renewFindings(...findings: readonly PromotionFinding[]): void {
    this.allFindings = this.allFindings.filter((old) => !findings.some(({ code }) => code === old.code));
    this.addFindings(...findings);
  }

  refuse(refusal: Refusal): void {
    this.refused.add(refusal);
  }

  certify(): PromotionCertificate {
    const { fencedAt, openedAt, ...proof } = this.proof as Proof;
    const certificate: PromotionCertificate = {
      ...proof,
      fencedAt: new Date(fencedAt).toISOString(),
      openedAt: new Date(openedAt).toISOString(),
      outageMs: openedAt - fencedAt,
      predictedOutageMs: this.facts.predictedOutageMs,
      steps: this.times(),
      approvals: this.approvals,
    };
    this.facts.certificate = certificate;
    return certificate;
  }

  /** The times of all steps that have ended. */
  private times(): PromotionCertificate['steps'] {
    return this.steps.flatMap(({ step, ms }) => (ms === null ? [] : [{ step, ms }]));
  }

  status(): PromotionStatus {
    const { readiness, deadline, certificate, recordDigest } = this.facts;
    const { workflowId, runId, startTime } = workflowInfo();
    return {
      workflowId,
      runId,
      pair: this.given === null ? null : this.pair,
      rehearsal: this.given?.rehearse ?? false,
      phase: this.phase,
      startedAt: startTime.toISOString(),
      ticket: this.ticket,
      requestedBy: this.requestedBy,
      ...(this.link === null ? {} : { fleet: this.link.status }),
      primary: readiness?.primary ?? null,
      standby: readiness?.standby ?? null,
      approvals: this.approvals,
      outageBudget: this.given?.outageBudget ?? null,
      deadline: deadline === null ? null : new Date(deadline).toISOString(),
      steps: this.steps.map((step) => ({ ...step })),
      findings: [...this.allFindings],
      refused: [...this.refused.last],
      certificate,
      leftovers: [...this.leftovers],
      ...(this.undo.changes.length === 0 ? {} : { changes: this.undo.changes }),
      ...(this.phase === 'switched' ? { toFinish: this.toFinish() } : {}),
      ending: this.ending,
      ...(recordDigest === null ? {} : { recordDigest }),
    };
  }

  private toFinish(): string[] {
    const { pair, steps, names, input, identity } = this;
    const { subscriptions, fence } = this.facts;
    return leftToFinish({
      ...{ pair, steps, names, subscriptions, failback: input.failback },
      ...{ database: identity.primary.database, connect: fence?.connect ?? null },
    });
  }

  private stepOf(name: PromotionStepName): PromotionStep {
    const step = this.steps.find((one) => one.step === name);
    return present(step ?? null, name, 'promotion');
  }
}
