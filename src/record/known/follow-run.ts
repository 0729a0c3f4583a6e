import type { Counts, Finding, Headroom, SequenceRow } from '../../contract/status.js';
import { earliest, leastHeadroom } from '../../contract/combine.js';
import { countRows } from '../../contract/counts.js';
import { TOP_UPS_AT_MOST } from '../../steps/limits.js';
import type { RecordReport, RecordRequest } from '../../steps/page-steps.js';
import type { AwaitReplicationReport, ReadinessReport } from '../../steps/readiness.js';
import { upgradeTable } from '../../steps/implied.js';
import type { RecheckReport } from '../../steps/recheck-steps.js';
import { toRow } from '../../steps/sequence-row.js';
import { unpackTable } from '../../steps/table.js';
import { addRow } from '../add-row.js';
import { recheckIn } from '../planned.js';
import type { Step } from '../steps.js';
import { FailedSettings, PageRound } from './page-round.js';
import { type Carried, RunKnowledge } from './run-knowledge.js';

/** The report of a page that was a workflow of its own. */
export interface ChildReport {
  /** The number of the event by which the run started it. */
  startedBy: number;
  findings: Finding[];
  minimumHeadroom: Headroom | null;
  primaryReadAt: string | null;
  verifiedAt: string | null;
  ledgerUnavailable: string | null;
}

/** Follows the steps of a run in the order in which they ended. */
export class FollowedRun {
  readonly knowledge: RunKnowledge;
  private readonly rows = new Map<string, SequenceRow>();
  private isCounted = true;
  private hasRows = false;
  private round: PageRound | null = null;
  private pages: { wanted: number; reports: ChildReport[] } = { wanted: 0, reports: [] };
  private recheck: { report: RecheckReport; source: 'top-up' | 'own-rows' } | null = null;
  private topUps = new FailedSettings();
  private lost: Finding[] = [];

  constructor(
    private readonly isLost: boolean,
    isWarned: boolean,
  ) {
    this.knowledge = new RunKnowledge(isLost, isWarned);
  }

  /** The run was continued from one whose history is missing: its rows are not known. */
  carry(memory: Carried): void {
    this.isCounted = false;
    this.knowledge.carry(memory);
  }

  /** Null before the first round has ended, and without the rows of all rounds. */
  counts(): Counts | null {
    return this.isCounted && this.hasRows ? countRows([...this.rows.values()]) : null;
  }

  /** @param recorded the steps of the page that recorded rows; null if its history is missing */
  pageEnded(report: ChildReport, recorded: readonly Step[] | null): void {
    if (recorded === null) this.isCounted = false;
    for (const step of recorded ?? []) this.addRows(step);
    this.pages.reports.push(report);
    if (this.pages.reports.length < this.pages.wanted) return;
    // The run has them in the order of the pages, however they ended.
    const reports = [...this.pages.reports].sort((a, b) => a.startedBy - b.startedBy);
    this.pages.reports = [];
    this.endRound({
      findings: reports.flatMap(({ findings }) => findings),
      minimumHeadroom: leastHeadroom(reports.map((one) => one.minimumHeadroom)),
      primaryReadAt: earliest(reports.map((one) => one.primaryReadAt)),
      verifiedAt: earliest(reports.map((one) => one.verifiedAt)),
      ledgerUnavailable: reports.find((one) => one.ledgerUnavailable !== null)?.ledgerUnavailable ?? null,
    });
  }

  stepEnded(step: Step): void {
    if (step.end === 'failed' || step.end === 'timed-out') this.stepFailed(step);
    else if (step.end === 'completed' && step.result != null) this.stepCompleted(step);
  }

  private stepFailed({ activity, failureType, failure }: Step): void {
    if (WATCHING.has(activity)) this.knowledge.trouble(failureType ?? '', failure ?? '');
  }

  private stepCompleted(step: Step): void {
    const { knowledge } = this;
    const report = recheckIn(step);
    if (report !== null) {
      this.rechecked(step, report);
      return;
    }
    switch (step.activity) {
      case 'checkReadiness':
      case 'checkLostPrimary': {
        const ready = step.result as ReadinessReport;
        this.pages = { wanted: ready.pages.length, reports: [] };
        knowledge.ready(ready);
        return;
      }
      case 'checkHandoff':
        knowledge.handoff(step.result as Finding[]);
        return;
      case 'findPrimary':
        this.lost = step.result as Finding[];
        return;
      case 'awaitReplication':
        knowledge.replicated(step.result as AwaitReplicationReport);
        return;
      case 'computeTargets':
      case 'computeByEvidence':
        this.round = new PageRound(step);
        return;
      case 'applyTargets':
        if (this.round === null) this.topUps.add(step, this.namesToTopUp());
        else this.round.applied(step);
        return;
      case 'verifyStandby':
      case 'verifyByEvidence':
        this.round?.verified(step);
        return;
      case 'recordBuffer':
        this.recorded(step);
        return;
    }
  }

  private rechecked({ activity, input }: Step, report: RecheckReport): void {
    this.topUps = new FailedSettings();
    if (activity === 'recheckHeadroom') {
      this.recheck = { report, source: 'top-up' };
      this.knowledge.recheck(report, (input as { final?: boolean }).final === true);
    } else {
      this.recheck = { report, source: 'own-rows' };
      this.knowledge.recheckStandby(report, this.isLost ? this.lost : null);
    }
  }

  private namesToTopUp(): ReadonlyMap<number, string> {
    const { topUps = [] } = this.recheck?.report ?? {};
    return new Map(topUps.map(({ oid, sequence }) => [oid, sequence]));
  }

  private recorded(step: Step): void {
    this.addRows(step);
    const { primaryReadAt, rows } = step.input as RecordRequest;
    const { unavailable } = step.result as RecordReport;
    const { round } = this;
    this.round = null;
    if (round !== null) {
      this.endRound(round.end(unavailable, primaryReadAt, step.scheduledAt));
      return;
    }
    this.knowledge.ledger(unavailable);
    const isTopUp = unpackTable(upgradeTable(rows, 'row')).some(({ outcome }) => outcome !== 'skipped');
    if (this.recheck !== null && this.recheck.report.behind > 0 && isTopUp)
      this.knowledge.toppedUp(this.recheck.report, this.recheck.source, this.topUps.findings());
  }

  private endRound(results: Parameters<RunKnowledge['round']>[0]): void {
    // So many sequences that a recheck finds behind are set by a round, and the gate stays as it is.
    const isTopUp = (this.recheck?.report.behind ?? 0) > TOP_UPS_AT_MOST;
    this.recheck = null;
    this.knowledge.round(results, !isTopUp);
  }

  private addRows({ activity, input }: Step): void {
    if (activity !== 'recordBuffer') return;
    this.hasRows = true;
    const { rows } = input as RecordRequest;
    for (const row of unpackTable(upgradeTable(rows, 'row')).map(toRow)) addRow(this.rows, row);
  }
}

/** Steps whose failure blocks the gate, instead of ending the run. */
const WATCHING: ReadonlySet<string> = new Set([
  ...['recheckHeadroom', 'recheckStandby', 'findPrimary', 'checkHandoff', 'awaitReplication', 'lockPair'],
  ...['checkReadiness', 'checkLostPrimary', 'fetchPrimarySequences', 'computeTargets', 'computeByEvidence'],
  ...['applyTargets', 'verifyStandby', 'verifyByEvidence', 'samplePrimary'],
]);
