import { workflowInfo } from '@temporalio/workflow';
import { blocksWhenNew, CLEARED_BY_RECHECK, REMEDY_IS_COMPLETE } from '../../src/findings/finding-catalog.js';
import { fittingFindings, foldFindings, withoutSubject } from '../../src/findings/fold-findings.js';
import type { RunInput } from '../../src/contract/input.js';
import type {
  ChecklistItem,
  Ending,
  Finding,
  PageAddress,
  Phase,
  Refusal,
  Status,
} from '../../src/contract/status.js';
import type {
  PairIdentity,
  Policy,
  ReadinessReport,
  RecordInput,
  SubscriptionNames,
} from '../../src/steps/steps.js';
import { subscriptionsGone } from '../../src/planning/readiness-findings.js';
import { ApprovalGate } from './approval-gate.js';
import { CHECKLIST, type ChecklistStep, stepsOf } from './checklist.js';
import type { FindingSource } from './finding-sources.js';
import type { Block } from './gate-memory.js';
import { freshMemory, NO_SEQUENCES, type ReadinessMemory, type RunMemory } from './run-memory.js';
import { recordPhase } from './phase-metric.js';

/** One run of the runbook: what it knows, and how it tells. */
export class Run {
  /** The workflow that this is, for its record. */
  execution: Pick<Status, 'workflowId' | 'runId' | 'firstRunId'> = {
    ...{ workflowId: null, runId: null, firstRunId: null },
  };
  /** Called after every change that a person who watches would want to see. */
  onChange: () => void = () => undefined;

  /** Called once somebody has rejected the failover. */
  onRejected: () => void = () => undefined;

  private constructor(
    readonly memory: RunMemory,
    /** In the mode failover; elsewhere only once a message had to be refused. */
    private gateOrNull: ApprovalGate | null,
  ) {}

  /** A run whose input did not pass: it knows only that it began. */
  static unparsed(startedAt: string): Run {
    return new Run(freshMemory(startedAt), null);
  }

  static begin(input: RunInput, startedAt: string): Run {
    const gate = input.mode === 'failover' ? ApprovalGate.closed(input.approval.required) : null;
    const memory: RunMemory = {
      ...freshMemory(startedAt),
      input,
      gate: gate?.memory ?? null,
      checklist: stepsOf(input.mode).map((step) => ({ step, at: null })),
      handoff: input.mode === 'failover' ? input.handoff : null,
    };
    return new Run(memory, gate);
  }

  static resume(memory: RunMemory): Run {
    return new Run(memory, memory.gate === null ? null : new ApprovalGate(memory.gate));
  }

  get input(): RunInput {
    return present(this.memory.input, 'input');
  }

  get readiness(): ReadinessMemory {
    return present(this.memory.readiness, 'readiness report');
  }

  get gate(): ApprovalGate {
    return present(this.gateOrNull, 'gate');
  }

  /** Whether this run waits for an approval at all. */
  get gated(): boolean {
    return this.memory.input?.mode === 'failover';
  }

  get identity(): PairIdentity {
    return this.readiness.identity;
  }

  get policy(): Policy {
    const { include, exclude, overrides } = this.input;
    const policy: Policy = { include, exclude, overrides, buffer: this.readiness.buffer };
    const decidedRows = this.memory.gate?.decidedRows;
    return decidedRows === undefined ? policy : { ...policy, decidedRows };
  }

  /** As {@link policy}, with what the last round measured: a look does not stop to measure. */
  get policyAtGate(): Policy {
    const { measured } = this.memory;
    return measured === null ? this.policy : { ...this.policy, measured };
  }

  /** The pages that may have recorded sequences, the later ones last. */
  pagesToCompare(): PageAddress[] {
    return [...(this.memory.earlierPages ?? []), ...this.memory.pages];
  }

  /** Whether a continue-as-new had no room for the rows, see `withinLimits`. */
  hasLostRows(): boolean {
    const { rows, pages, counts } = this.memory;
    return rows.length === 0 && pages.length === 0 && counts.total > 0;
  }

  /** The run as the ledger names it. */
  get origin(): RecordInput['run'] {
    const { workflowId, firstExecutionRunId: runId } = workflowInfo();
    const { mode, requestedBy, ticket } = this.input;
    const { buffer, calls } = this.readiness;
    return { workflowId, runId, mode, requestedBy, ticket, startedAt: this.memory.startedAt, buffer, calls };
  }

  enter(phase: Phase): void {
    if (phase !== this.memory.phase) {
      const now = new Date();
      const { input, readiness, phase: before, enteredAt } = this.memory;
      // A pair that no worker has confirmed may be any text: it would become a time series of its own.
      if (input !== null && readiness !== null) {
        recordPhase(input, before, now.getTime() - Date.parse(enteredAt));
      }
      this.memory.phase = phase;
      this.memory.enteredAt = now.toISOString();
    }
    this.onChange();
  }

  /** The last that is noted of a run. */
  end(state: Ending['state'], message: string): void {
    this.memory.ending = { state, message, at: new Date().toISOString() };
    this.enter('done');
  }

  check(step: ChecklistStep): void {
    for (const item of this.memory.checklist) if (item.step === step) item.at = new Date().toISOString();
    this.onChange();
  }

  isChecked(step: ChecklistStep): boolean {
    return this.memory.checklist.some((item) => item.step === step && item.at !== null);
  }

  uncheck(...steps: ChecklistStep[]): void {
    for (const item of this.memory.checklist) if (steps.includes(item.step)) item.at = null;
  }

  ready(report: ReadinessReport): void {
    const { identity, primary, standby, buffer, calls, primaryMaxConnections, total, findings } = report;
    this.memory.readiness = { identity, primary, standby, buffer, calls, primaryMaxConnections, total };
    // Later rounds have counted already, and count anew when they are through.
    if (this.memory.round === 0) this.memory.counts = { ...NO_SEQUENCES, total };
    this.found('readiness', findings);
    this.found('replication', report.replication);
    this.sawSubscriptions(report.subscriptions);
  }

  /** A subscription that rows came by may be gone from now on only if an approver accepts it. */
  sawSubscriptions(names: SubscriptionNames | undefined): void {
    if (names === undefined) return;
    const known = [...new Set([...(this.memory.subscriptions ?? []), ...names.toPrimary])].sort();
    this.memory.subscriptions = known;
    this.found('subscriptions', subscriptionsGone(known, names.present));
  }

  /** What `source` says now replaces what it said before. */
  found(source: FindingSource, findings: Finding[]): void {
    this.memory.findings[source] = fittingFindings(findings);
  }

  foundBy(source: FindingSource): Finding[] {
    return this.memory.findings[source] ?? [];
  }

  /** All that stands, each block with what to do once its remedy was applied. */
  findings(): Finding[] {
    const standing = this.standing().map((finding) =>
      this.isNewBlock(finding) ? asBlock(finding) : finding,
    );
    // Once more, for the order.
    return fittingFindings(standing).map((finding) => {
      if (finding.severity !== 'block' || REMEDY_IS_COMPLETE.has(finding.code)) return finding;
      const remedy = finding.remedy.replace(/[.;\s]+$/u, '');
      return { ...finding, remedy: `${remedy}; then ${this.afterRemedy(finding)}` };
    });
  }

  blocks(): Block[] {
    return this.findings()
      .filter(({ severity }) => severity === 'block')
      .map(toScope);
  }

  /** The warnings that an approver sees as the gate opens: of those that are new later, some are blocks. */
  warnings(): Block[] {
    return this.standing()
      .filter(({ severity }) => severity === 'warn')
      .map(toScope);
  }

  /** Without what a recheck of the standby alone has found once more. */
  private standing(): Finding[] {
    const all = Object.values(this.memory.findings).flat();
    const byText = new Map(all.map((one) => [JSON.stringify([one.code, one.sequence, one.message]), one]));
    return foldFindings([...byText.values()]);
  }

  private isNewBlock(finding: Finding): boolean {
    return blocksWhenNew(finding) && this.gateOrNull?.isNews(toScope(finding)) === true;
  }

  private afterRemedy({ code }: Finding): string {
    if (!this.gated) return 'start the run again';
    // Without the primary there is no round that could clear it.
    const isOfStandby = this.foundBy('standby').some((one) => one.code === code);
    return isOfStandby || CLEARED_BY_RECHECK.has(code) ? 'wait for the next recheck' : 'signal resynchronize';
  }

  /** Records a message that had no effect. */
  refuse(refusal: Refusal): void {
    this.gateOrNull ??= ApprovalGate.closed(0);
    this.memory.gate = this.gateOrNull.memory;
    this.gateOrNull.refuse(refusal);
  }

  checklist(): ChecklistItem[] {
    return this.memory.checklist.map(({ step, at }) => ({ item: CHECKLIST[step], done: at !== null, at }));
  }

  status(): Status {
    const { memory } = this;
    const { input, readiness } = memory;
    return {
      ...this.execution,
      pair: input?.pair ?? null,
      mode: input?.mode ?? null,
      phase: memory.phase,
      startedAt: memory.startedAt,
      ticket: input?.ticket ?? null,
      requestedBy: input?.requestedBy ?? null,
      primary: readiness?.primary ?? null,
      standby: readiness?.standby ?? null,
      buffer: { policy: readiness?.buffer ?? input?.buffer ?? null, calls: readiness?.calls ?? null },
      counts: memory.counts,
      round: memory.round,
      findings: this.findings().map(withoutSubject),
      minimumHeadroom: memory.minimumHeadroom,
      gate: this.gateOrNull?.view() ?? null,
      checklist: this.checklist(),
      verifiedAt: memory.verifiedAt,
      primaryReadAt: memory.primaryReadAt,
      handoff: memory.handoff && { ...memory.handoff, runId: memory.promotionRunId ?? null },
      ending: memory.ending ?? null,
    };
  }
}

function toScope({ code, sequence, count, subject, things }: Finding): Block {
  return {
    code,
    sequence,
    count,
    ...(subject === undefined ? {} : { subject }),
    ...(things === undefined ? {} : { things }),
  };
}

/** A warning that nobody could see when the gate opened: an approver has to accept it by name. */
function asBlock(finding: Finding): Finding {
  return {
    ...finding,
    severity: 'block',
    message: `${finding.message} (it was not so when the gate opened)`,
  };
}

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`the run has no ${what} yet`);
  return value;
}
