import { patched, workflowInfo } from '@temporalio/workflow';
import { type Approvers, approversOfRun } from '../../src/contract/approvers.js';
import type { RunInput } from '../../src/contract/input.js';
import type { Refusal } from '../../src/contract/gate.js';
import type { Ending, Finding, Phase, Status } from '../../src/contract/status.js';
import type { PairIdentity, Policy } from '../../src/steps/identity.js';
import type { RecordInput } from '../../src/steps/page-steps.js';
import type { ReadinessReport, SubscriptionNames, WorkerSettings } from '../../src/steps/readiness.js';
import type { RecheckReport } from '../../src/steps/recheck-steps.js';
import { mergeSubscriptions, renamedSubscriptions } from '../../src/planning/pair/known-subscriptions.js';
import { subscriptionsGone, subscriptionsReplaced } from '../../src/planning/pair/subscriptions-gone.js';
import { findingsInWritableSession } from '../../src/planning/remedies/writable-session.js';
import { ApprovalGate } from './approval-gate.js';
import { type ChecklistStep, stepsOf } from './checklist.js';
import { present } from '../present.js';
import type { DeepReadonly } from './deep-readonly.js';
import type { FindingSource } from '../../src/findings/finding-sources.js';
import type { FindingIdentity } from '../../src/findings/finding-identity.js';
import { closedGate } from './gate-memory.js';
import { mergeReadings } from './merge-readings.js';
import { Notified } from './notified.js';
import { recordPhase } from './phase-metric.js';
import { RecordedRows } from './recorded-rows.js';
import { RunFindings } from '../../src/findings/run-findings.js';
import { freshMemory, targetOf } from './run-memory.js';
import type { ReadinessMemory, RoundReading, RunMemory } from './run-memory.js';
import { type RunObserver, RunObservers } from './run-observers.js';
import { type Execution, NOWHERE, toStatus } from './run-status.js';

/** One run of the runbook. Its memory changes only by its methods. */
export class Run {
  private readonly observers = new RunObservers();
  private readonly findingsBySource: RunFindings;
  /** The records about its sequences. */
  readonly recorded: RecordedRows;
  /** The state of its notifications. */
  readonly notified: Notified;

  private constructor(
    private readonly state: RunMemory,
    private readonly execution: Execution,
    /** In the mode failover. In other modes only after a message had to be refused. */
    private gateOrNull: ApprovalGate | null,
  ) {
    this.recorded = new RecordedRows(state);
    this.notified = new Notified(state);
    const isNewWarning = (warning: FindingIdentity) => this.gateOrNull?.isNewWarning(warning) === true;
    this.findingsBySource = new RunFindings(state, { gated: this.gated, isNewWarning });
  }

  /** A run whose input was invalid. */
  static unparsed(startedAt: string, execution: Execution = NOWHERE): Run {
    return new Run(freshMemory(startedAt), execution, null);
  }

  static begin(input: RunInput, startedAt: string, execution: Execution = NOWHERE): Run {
    const gate =
      input.mode === 'failover' ? closedGate(input.approval.required, input.approval.notBeforeMs) : null;
    const memory: RunMemory = {
      ...freshMemory(startedAt),
      input,
      gate,
      checklist: stepsOf(input.mode).map((step) => ({ step, at: null })),
      handoff: input.mode === 'failover' || input.mode === 'check' ? targetOf(input.handoff) : null,
    };
    return Run.resume(memory, execution);
  }

  static resume(memory: RunMemory, execution: Execution = NOWHERE): Run {
    return new Run(memory, execution, memory.gate === null ? null : new ApprovalGate(memory.gate));
  }

  get memory(): DeepReadonly<RunMemory> {
    return this.state;
  }

  get input(): RunInput {
    return present(this.state.input, 'input', 'run');
  }

  get readiness(): ReadinessMemory {
    return present(this.state.readiness, 'readiness report', 'run');
  }

  get gate(): ApprovalGate {
    return present(this.gateOrNull, 'gate', 'run');
  }

  /** The names that may approve. */
  get approvers(): Approvers {
    return approversOfRun(this.input);
  }

  /** Whether this run waits for an approval at all. */
  get gated(): boolean {
    return this.state.input?.mode === 'failover';
  }

  /** Whether the input says that the primary is lost. */
  get isPrimaryLost(): boolean {
    return this.memory.input?.primary === 'lost';
  }

  get identity(): PairIdentity {
    return this.readiness.identity;
  }

  get policy(): Policy {
    const { include, exclude, overrides } = this.input;
    const policy: Policy = { include, exclude, overrides, buffer: this.readiness.buffer };
    const decidedRows = this.state.gate?.decidedRows;
    return decidedRows === undefined ? policy : { ...policy, decidedRows };
  }

  /** Like {@link policy}, with the buffers that the last round measured, since a recheck does not measure. */
  get policyAtGate(): Policy {
    const { measured } = this.state;
    return measured === null ? this.policy : { ...this.policy, measured };
  }

  /** The run in the form of the ledger's table of runs. */
  get origin(): RecordInput['run'] {
    const { workflowId, firstExecutionRunId: runId } = workflowInfo();
    const { mode, requestedBy, ticket, bufferReason } = this.input;
    const [{ buffer, calls }, { startedAt }] = [this.readiness, this.state];
    return { workflowId, runId, mode, requestedBy, ticket, startedAt, buffer, bufferReason, calls };
  }

  /** Observers are called in the order in which they were added. */
  observe(observer: RunObserver): void {
    this.observers.add(observer);
  }

  /** Tells the observers that the run has changed. */
  changed(): void {
    this.observers.changed();
  }

  toppedUp(sequences: number): void {
    this.observers.toppedUp(sequences);
  }

  rejected(): void {
    this.observers.rejected();
  }

  enter(phase: Phase): void {
    if (phase !== this.state.phase) {
      const now = new Date();
      const { input, readiness, phase: before, enteredAt } = this.state;
      // Until a worker has confirmed the pair, its name may be any text, and each text would become a time series of its own.
      if (input !== null && readiness !== null)
        recordPhase(input, before, now.getTime() - Date.parse(enteredAt));
      this.state.phase = phase;
      this.state.enteredAt = now.toISOString();
    }
    this.changed();
  }

  /** The ending is the last change of a run. */
  end(state: Ending['state'], outcome: string, message = outcome): void {
    this.state.ending = { state, message, at: new Date().toISOString() };
    this.enter('done');
    this.observers.ended(outcome);
  }

  check(step: ChecklistStep): void {
    for (const item of this.state.checklist) if (item.step === step) item.at = new Date().toISOString();
    this.changed();
  }

  isChecked(step: ChecklistStep): boolean {
    return this.state.checklist.some((item) => item.step === step && item.at !== null);
  }

  uncheck(...steps: ChecklistStep[]): void {
    for (const item of this.state.checklist) if (steps.includes(item.step)) item.at = null;
  }

  /** The verification counts as done as long as there is no finding NOT_AHEAD, whichever step made or cleared it. */
  checkVerified(): void {
    const isBehind = this.blocks().some(({ code }) => code === 'NOT_AHEAD');
    if (isBehind) this.uncheck('verify');
    else if (!this.isChecked('verify')) this.check('verify');
  }

  /** Both servers are ready for a round. */
  ready(report: ReadinessReport): void {
    const { identity, primary, standby, buffer, calls, primaryMaxConnections, total, findings } = report;
    const servers = { identity, primary, standby, buffer, calls, primaryMaxConnections, total };
    this.state.readiness = report.tables === undefined ? servers : { ...servers, tables: report.tables };
    // Later rounds have counts already, and count again when they have finished.
    if (this.state.round === 0) this.recorded.expect(total);
    this.setFindings('readiness', findings);
    this.setFindings('replication', report.replication);
    this.sawSubscriptions(report.subscriptions);
  }

  /** The settings of the worker that checked the pair. */
  useWorkerSettings({ notifies, searchable }: WorkerSettings): void {
    if (notifies === true) this.notified.turnOn();
    if (searchable !== undefined) this.state.searchable = searchable;
  }

  /** The number of the next round. Each pass over the sequences, each top-up, and each record of changes is a round. */
  beginRound(): number {
    this.state.round += 1;
    return this.state.round;
  }

  /** The last readings of a round on both sides. */
  readByRound(reading: RoundReading): void {
    Object.assign(this.state, reading satisfies Partial<RunMemory>);
  }

  /** The readings of a recheck of both sides. */
  readByRecheck({ watched, minimumHeadroom, verifiedAt, primaryReadAt, readings }: RecheckReport): void {
    const read = { watched, minimumHeadroom, verifiedAt, primaryReadAt };
    Object.assign(this.state, read satisfies Partial<RunMemory>);
    if (readings !== undefined) this.state.readings = mergeReadings(this.state.readings, readings);
  }

  /** A recheck of the standby alone: the primary is lost, and an approver accepted that. */
  readByStandbyRecheck({ verifiedAt }: RecheckReport): void {
    this.state.verifiedAt = verifiedAt;
  }

  /** Records the subscriptions that carry rows. If one of them is gone later, an approver has to accept that. */
  sawSubscriptions(names: SubscriptionNames | undefined): void {
    if (names === undefined) return;
    const { subscriptions = [], subscriptionDetails = [] } = this.state;
    const before = { names: subscriptions, details: subscriptionDetails };
    const renamed = renamedSubscriptions(before, names);
    // In earlier versions a renamed subscription counted as gone.
    const isFollowed = renamed.size > 0 && patched('subscription-slots');
    const known = mergeSubscriptions(before, names, isFollowed ? renamed : new Map<string, string>());
    this.state.subscriptions = known.names;
    if (known.details.length > 0) this.state.subscriptionDetails = known.details;
    const gone = subscriptionsGone(
      known.names,
      names.present,
      this.readiness.primary,
      (name) => known.details.find((detail) => detail.name === name)?.publications ?? null,
    );
    const replaced = subscriptionsReplaced(known.details, names.details ?? []);
    this.setFindings('subscriptions', [...gone, ...replaced]);
  }

  /** Temporal has started the promotion. */
  promotionStarted(runId: string): void {
    this.state.promotionRunId = runId;
  }

  /** @param told the last report to the run's fleet: `LastReport` of fleet-report.ts, as JSON */
  toldFleet(told: string): void {
    this.state.toldFleet = told;
  }

  /** Replaces the findings of `source`. */
  setFindings(source: FindingSource, findings: Finding[]): void {
    this.findingsBySource.replace(source, findings);
  }

  /** Both sides are read again, so all findings that still hold are found again. */
  clearFindings(): void {
    this.findingsBySource.clear();
  }

  findingsOf(source: FindingSource): readonly Finding[] {
    return this.findingsBySource.by(source);
  }

  /** All findings. The remedy of each block also has the next step, and can be pasted on a side that is read-only by default. */
  findings(): Finding[] {
    return findingsInWritableSession(this.findingsBySource.all(), this.state.readiness ?? {});
  }

  blocks(): FindingIdentity[] {
    return this.findingsBySource.blocks();
  }

  /** The warnings that an approver sees when the gate opens. Some warnings that come later are blocks. */
  warnings(): FindingIdentity[] {
    return this.findingsBySource.warnings();
  }

  /** Records a message that had no effect. */
  refuse(refusal: Refusal): void {
    if (this.gateOrNull === null) {
      this.state.gate = closedGate(0);
      this.gateOrNull = new ApprovalGate(this.state.gate);
    }
    this.gateOrNull.refuse(refusal);
  }

  status(): Status {
    const gate = this.gateOrNull?.view(this.gated ? this.approvers.view() : null) ?? null;
    return toStatus(this.execution, this.state, this.findings(), gate, this.recorded.progress);
  }
}
