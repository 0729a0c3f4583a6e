import { withoutKnownLedger } from '../../planning/sequence/evidence-findings.js';
import type { Finding, Headroom } from '../../contract/status.js';
import { isCovered, stillPresent } from '../../findings/finding-identity.js';
import type { FindingIdentity } from '../../findings/finding-identity.js';
import type { FindingSource, SourcedFindings } from '../../findings/finding-sources.js';
import { RunFindings } from '../../findings/run-findings.js';
import { mergeSubscriptions, renamedSubscriptions } from '../../planning/pair/known-subscriptions.js';
import type { KnownSubscriptions } from '../../planning/pair/known-subscriptions.js';
import { subscriptionsGone, subscriptionsReplaced } from '../../planning/pair/subscriptions-gone.js';
import type { AwaitReplicationReport, ReadinessReport, SubscriptionNames } from '../../steps/readiness.js';
import type { RecheckReport } from '../../steps/recheck-steps.js';

/** The results of a round over all sequences. */
export interface RoundResults {
  findings: Finding[];
  minimumHeadroom: Headroom | null;
  primaryReadAt: string | null;
  verifiedAt: string | null;
  ledgerUnavailable: string | null;
}

/** Where a continued run goes on, if the history of the run before is missing. */
export interface Carried {
  findings?: SourcedFindings;
  minimumHeadroom?: Headroom | null;
  primaryReadAt?: string | null;
  verifiedAt?: string | null;
  subscriptions?: string[];
  subscriptionDetails?: SubscriptionNames['details'];
  gate?: { known?: FindingIdentity[] } | null;
}

/** The findings and readings of a run, as its steps change them. Each method is what the workflow does with the result of a step. */
export class RunKnowledge {
  private readonly memory: { findings: SourcedFindings } = { findings: {} };
  private readonly findingsBySource: RunFindings;
  private subscriptions: KnownSubscriptions = { names: [], details: [] };
  private primary: ReadinessReport['primary'] | null = null;
  /** The warnings that stood when the gate opened; undefined before. */
  private warningsAtGate: FindingIdentity[] | undefined;
  minimumHeadroom: Headroom | null = null;
  primaryReadAt: string | null = null;
  verifiedAt: string | null = null;

  /** @param isWarned whether a warning that comes after the gate has opened is a block: not in runs of release 0.1.0 */
  constructor(
    private readonly isLost: boolean,
    private readonly isWarned: boolean,
  ) {
    const isNewWarning = (warning: FindingIdentity) =>
      this.warningsAtGate !== undefined && !isCovered(this.warningsAtGate, warning);
    this.findingsBySource = new RunFindings(this.memory, { gated: true, isNewWarning });
  }

  findings(): Finding[] {
    return this.findingsBySource.all();
  }

  carry(from: Carried): void {
    this.memory.findings = { ...from.findings };
    const { minimumHeadroom = null, primaryReadAt = null, verifiedAt = null } = from;
    Object.assign(this, { minimumHeadroom, primaryReadAt, verifiedAt });
    this.subscriptions = { names: from.subscriptions ?? [], details: from.subscriptionDetails ?? [] };
    this.warningsAtGate = from.gate?.known;
  }

  ready({ primary, findings, replication, subscriptions }: ReadinessReport): void {
    this.primary = primary;
    this.replace('readiness', findings);
    this.replace('replication', replication);
    this.saw(subscriptions);
  }

  /** @param opensGate whether the gate opens after it, so that an approver sees its warnings */
  round({ findings, ledgerUnavailable, ...read }: RoundResults, opensGate: boolean): void {
    this.findingsBySource.clear();
    this.replace('pages', findings);
    this.ledger(ledgerUnavailable);
    Object.assign(this, read);
    if (opensGate) this.warningsAtGate = this.isWarned ? this.findingsBySource.warnings() : undefined;
  }

  ledger(unavailable: string | null): void {
    this.replace('ledger', unavailable === null ? [] : [finding('warn', 'LEDGER_UNAVAILABLE', unavailable)]);
  }

  recheck(report: RecheckReport, isFinal: boolean): void {
    this.findingsBySource.clear();
    this.replace('pages', report.findings);
    this.replace('consumption', report.consumption);
    if (report.replication !== undefined) {
      const late = this.findingsBySource.by('replication').filter(({ code }) => code === 'NOT_CAUGHT_UP');
      this.replace('replication', [...report.replication, ...late]);
      this.saw(report.subscriptions);
    }
    const { minimumHeadroom, primaryReadAt, verifiedAt } = report;
    Object.assign(this, { minimumHeadroom, primaryReadAt, verifiedAt });
    this.changes(report);
    if (report.behind > 0) this.replace('top-up', report.notAhead);
    if (isFinal || this.warningsAtGate === undefined) return;
    this.warningsAtGate = stillPresent(this.warningsAtGate, this.findingsBySource.warnings());
  }

  /** @param lost what the check of a lost primary found; null if the run was not started without it */
  recheckStandby(report: RecheckReport, lost: readonly Finding[] | null): void {
    this.replace('watch', [...(lost ?? this.findingsBySource.by('watch').slice(0, 1))]);
    const known = [...this.findingsBySource.by('readiness'), ...this.findingsBySource.by('pages')];
    this.replace('standby', withoutKnownLedger(known, report.findings));
    if (this.isLost)
      this.replace(
        'pages',
        this.findingsBySource.by('pages').filter(({ code }) => !RECHECKED_ON_STANDBY.has(code)),
      );
    if (report.byLastReading === true) this.replace('top-up', []);
    this.replace('own-rows', report.behind > 0 ? report.notAhead : []);
    this.verifiedAt = report.verifiedAt;
    this.changes(report);
  }

  /** Sequences that were behind were set; those in `failures` could not be. */
  toppedUp(report: RecheckReport, source: 'top-up' | 'own-rows', failures: Finding[]): void {
    const failed = new Set(failures.map(({ sequence }) => sequence));
    const left = report.notAhead.filter(({ sequence }) => sequence === null || failed.has(sequence));
    this.replace(source, [...failures, ...left]);
  }

  replicated({ findings, subscriptions }: AwaitReplicationReport): void {
    this.replace('replication', findings);
    this.saw(subscriptions);
  }

  handoff(findings: Finding[]): void {
    this.replace('handoff', findings);
  }

  /** A step failed for a reason that may pass: a block until a recheck succeeds. */
  trouble(type: string, message: string): void {
    const code = TROUBLES[type] ?? 'LOOK_FAILED';
    this.replace('watch', [finding('block', code, message)]);
  }

  private changes({ changes }: RecheckReport): void {
    if (changes === undefined) return;
    this.replace(
      'record',
      changes.unknown === null ? [] : [finding('warn', 'CHANGES_UNKNOWN', changes.unknown)],
    );
  }

  private saw(names: SubscriptionNames | undefined): void {
    if (names === undefined) return;
    const { subscriptions: before, primary } = this;
    this.subscriptions = mergeSubscriptions(before, names, renamedSubscriptions(before, names));
    const publisher = primary ?? { host: '', port: 0, database: '' };
    const { names: known, details } = this.subscriptions;
    const gone = subscriptionsGone(known, names.present, publisher, () => null);
    this.replace('subscriptions', [...gone, ...subscriptionsReplaced(details, names.details ?? [])]);
  }

  private replace(source: FindingSource, findings: Finding[]): void {
    this.findingsBySource.replace(source, findings);
  }
}

/** The findings of a round by evidence that each recheck of the standby judges again. */
const RECHECKED_ON_STANDBY: ReadonlySet<string> = new Set<Finding['code']>([
  ...(['OUTLIER_DATA', 'EXHAUSTED', 'NOT_AHEAD', 'SETVAL_FAILED', 'DATA_NOT_CHECKED'] as const),
]);

const TROUBLES: Readonly<Record<string, Finding['code']>> = {
  PrimaryUnreachable: 'PRIMARY_UNREACHABLE',
  StandbyUnreachable: 'STANDBY_UNREACHABLE',
};

/** A finding whose text the report does not show. */
export function finding(
  severity: Finding['severity'],
  code: string,
  message: string,
  sequence: string | null = null,
): Finding {
  return { severity, code, sequence, count: 1, message, remedy: '' } as Finding;
}
