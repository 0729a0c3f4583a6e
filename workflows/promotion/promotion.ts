import { workflowInfo } from '@temporalio/workflow';
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
import type { Approval, Ending, Refusal, RunResult } from '../../src/contract/status.js';
import type { FenceMemory, ForwardSubscription, WayBackNames } from '../../src/steps/promotion-steps.js';
import type { PairIdentity, Policy } from '../../src/steps/identity.js';
import type { ReadinessReport } from '../../src/steps/readiness.js';
import { UndoStack } from './undo.js';

const STEPS: readonly PromotionStepName[] = [
  ...(['check', 'synchronize', 'wayBack', 'fence', 'confirm', 'verify'] as const),
  ...(['beforeSwitch', 'open', 'traffic', 'enableWayBack'] as const),
];

/** Refused messages that the status keeps; there are none to be expected. */
const REFUSALS_KEPT = 50;

/** What is proven behind the fence, piece by piece. */
export interface Proof {
  fencedAt: number;
  fenceLsn: string;
  confirmedLsn: string;
  verificationLsn: string;
  sequences: number;
  minimumHeadroom: PromotionCertificate['minimumHeadroom'];
  openedAt: number;
}

/** One promotion: what it knows, and how it tells. */
export class Promotion {
  readonly undo = new UndoStack();
  readonly proof: Partial<Proof> = {};
  phase: PromotionPhase = 'before-the-switch';
  readiness: ReadinessReport | null = null;
  subscriptions: ForwardSubscription[] = [];
  /** What the fence has changed, for the ledger; null before. */
  fence: FenceMemory | null = null;
  certificate: PromotionCertificate | null = null;
  predictedOutageMs: number | null = null;
  deadline: number | null = null;
  findings: PromotionFinding[] = [];
  readonly leftovers: string[] = [];
  ending: Ending | null = null;
  private readonly refused: Refusal[] = [];
  private readonly steps: PromotionStep[] = STEPS.map((step) => ({
    step,
    state: 'pending',
    startedAt: null,
    ms: null,
  }));

  constructor(
    /** Null where it did not pass. */
    private readonly given: PromotionInput | null,
    /** Of the run that handed off. */
    readonly record: RunResult | null,
  ) {}

  get input(): PromotionInput {
    return present(this.given, 'input');
  }

  get pair(): string {
    return this.input.pair ?? this.record?.pair ?? 'default';
  }

  get identity(): PairIdentity {
    return present(this.readiness, 'readiness report').identity;
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

  /** What was decided about rows at the gate of the run that handed off counts here too. */
  get policy(): Policy {
    const { include, exclude, overrides } = this.input;
    const { buffer } = present(this.readiness, 'readiness report');
    const decidedRows = this.record?.gate?.decidedRows;
    return { include, exclude, overrides, buffer, ...(decidedRows === undefined ? {} : { decidedRows }) };
  }

  /** Fixed, but for the slot, which is one of its server's among those of other databases. */
  get names(): WayBackNames {
    const { databaseOid } = this.identity.standby;
    return {
      publication: 'sequence_failover_way_back',
      subscription: 'sequence_failover_way_back',
      slot: `sequence_failover_way_back_${databaseOid}`,
    };
  }

  /** Whether somebody accepted it by name: in the input, or with an approval of the run that handed off. */
  isAccepted({ code, sequence }: Pick<PromotionFinding, 'code' | 'sequence'>): boolean {
    const names = [...this.input.accept, ...this.approvals.flatMap(({ accept }) => accept)];
    return names.includes(code) || (sequence !== null && names.includes(sequence));
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
  }

  stateOf(name: PromotionStepName): StepState {
    return this.stepOf(name).state;
  }

  found(...findings: readonly PromotionFinding[]): void {
    this.findings.push(...findings);
  }

  refuse(refusal: Refusal): void {
    this.refused.push(refusal);
    if (this.refused.length > REFUSALS_KEPT) this.refused.shift();
  }

  /** Steps in words, for the message of a failure. */
  describe(state: StepState): string[] {
    return this.steps.filter((step) => step.state === state).map(({ step }) => step);
  }

  certify(): PromotionCertificate {
    const { fencedAt, openedAt, ...proof } = this.proof as Proof;
    this.certificate = {
      ...proof,
      fencedAt: new Date(fencedAt).toISOString(),
      openedAt: new Date(openedAt).toISOString(),
      outageMs: openedAt - fencedAt,
      predictedOutageMs: this.predictedOutageMs,
      steps: this.times(),
      approvals: this.approvals,
    };
    return this.certificate;
  }

  /** Of all steps that have ended. */
  times(): PromotionCertificate['steps'] {
    return this.steps.flatMap(({ step, ms }) => (ms === null ? [] : [{ step, ms }]));
  }

  status(): PromotionStatus {
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
      primary: this.readiness?.primary ?? null,
      standby: this.readiness?.standby ?? null,
      approvals: this.approvals,
      outageBudget: this.given?.outageBudget ?? null,
      deadline: this.deadline === null ? null : new Date(this.deadline).toISOString(),
      steps: this.steps.map((step) => ({ ...step })),
      findings: [...this.findings],
      refused: [...this.refused],
      certificate: this.certificate,
      leftovers: [...this.leftovers],
      ending: this.ending,
    };
  }

  private stepOf(name: PromotionStepName): PromotionStep {
    const step = this.steps.find((one) => one.step === name);
    return present(step ?? null, name);
  }
}

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`the promotion has no ${what} yet`);
  return value;
}
