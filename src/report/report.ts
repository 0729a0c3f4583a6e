import type { Decision } from '../record/decisions.js';
import type { Known } from '../record/known/known.js';
import type { HistoryProof } from '../record/history-proof.js';
import type { RecordDigest } from '../record/record-digest.js';
import type { TimelineEntry, WorkflowEnd } from '../record/timeline.js';
import type { PromotionCertificate, PromotionStep } from '../contract/promotion.js';
import type { PromotionFleetCertificate } from '../contract/promotion-fleet.js';
import type { ChecklistItem, Server, SequenceRow, Severity } from '../contract/status.js';

export const REPORT_FORMAT = 'sequence-failover-report';

/** The content of the histories of a run, a fleet or a promotion: docs/reference/report.md. The same histories give the same report. */
export interface Report {
  format: typeof REPORT_FORMAT;
  version: 1;
  /** The release that wrote the report. Another release may write other bytes. */
  release: string;
  kind: 'run' | 'fleet' | 'promotion' | 'promotion-fleet';
  workflowId: string;
  /** The first and the last run of the continue-as-new chain. */
  firstRunId: string;
  lastRunId: string;
  startedAt: string;
  /** Null while the workflow is open. */
  closedAt: string | null;
  state: 'open' | WorkflowEnd;
  /** The outcome of a workflow that completed, such as `handed-off`. */
  outcome: string | null;
  failure: { type: string; message: string } | null;
  /** Three sentences. */
  summary: string[];
  /** Where the history contradicts itself: somebody may have changed it. Empty if it does not. */
  contradictions: string[];
  /** Warnings for the reader, such as a missing history. */
  warnings: string[];
  configuration: Configuration;
  timeline: TimelineEntry[];
  /** A row for each sequence and round, in the order of the names. */
  sequences: ReportedRow[];
  findings: ReportedFinding[];
  /** Advice that can wait until after the failover. The findings contain it too. */
  advice: Advice[];
  decisions: ReportedDecision[];
  waiting: Observation[];
  proof: Proof;
  /** The runs, or the promotions, of a fleet's pairs, in the order in which they were started. */
  members: Report[];
}

/** A report before its sentences. */
export type Unsummarized = Omit<Report, 'summary' | 'contradictions' | 'warnings'>;

/** Whether the workflow is a fleet, in which each pair has a report of its own. */
export const isFleet = ({ kind }: Pick<Report, 'kind'>) => kind === 'fleet' || kind === 'promotion-fleet';

export interface Configuration {
  pair: string | null;
  mode: string | null;
  ticket: string | null;
  requestedBy: string | null;
  /** The identity that the client who started the workflow gave; not authenticated. */
  startedByIdentity: string | null;
  /** The caller that the server authenticated, as `type:name`. */
  startedByPrincipal: string | null;
  /** The buffer policy of the run, also if it was the worker's default. */
  buffer: unknown;
  bufferCalls: string | null;
  bufferReason: string | null;
  primary: Server | null;
  standby: Server | null;
  /** The arguments of the workflow, as they were sent. */
  input: unknown[];
  sdks: string[];
  /** Builds of workers. */
  builds: string[];
  workers: string[];
}

/** A row of a round. `standbyBefore` is the old value, `standbyNext` the new one. */
export interface ReportedRow extends SequenceRow {
  /** The pair, in the report of a fleet; null otherwise. */
  pair: string | null;
  /** Null in the modes that set nothing. */
  round: number | null;
  /** Whether no later round has a row of this sequence. */
  last: boolean;
  increment: string | null;
  /** The headroom when the row was made, in calls of nextval; null if a value is unknown. */
  headroom: string | null;
}

/** A decision, and what the run or the fleet knew when it was made. */
export interface ReportedDecision extends Decision {
  /** Null for a promotion, which nobody approves, and for a fleet if the history of a pair is missing. */
  known: Known | null;
}

export interface ReportedFinding {
  severity: Severity;
  code: string;
  sequence: string | null;
  count: number;
  message: string;
  remedy: string;
  /** The approvers who accepted it by name. */
  acceptedBy: string[];
}

export interface Advice {
  /** The pair, in the report of a fleet; null otherwise. */
  pair: string | null;
  code: string;
  sequence: string | null;
  count: number;
  message: string;
  remedy: string;
}

/** A reading of a recheck while the run waited. */
export interface Observation {
  at: string;
  /** The sequence with the least headroom; null if a side could not be read. */
  sequence: string | null;
  calls: string | null;
  /** The number of sequences that were behind. The run usually tops them up; those that an approver accepted only once. */
  behind: number;
}

/** The headroom of a sequence at a recheck. Values are decimal strings; null if the rate was not measured. */
export interface WatchedHeadroom {
  sequence: string;
  /** Calls of nextval. */
  calls: string;
  /** Calls of nextval a second between the last two readings of the primary, a decimal string; null with fewer readings. */
  callsPerSecond: string | null;
  /** How long the headroom lasts at that rate, in seconds; null if nothing was consumed. */
  lastsSeconds: string | null;
  /** The buffer for ten minutes of failover at twice that rate, in calls. */
  suggestedBuffer: string | null;
}

export interface Proof {
  checklist: ChecklistItem[];
  /** The times of the last reading of the primary and the last verification of the standby. */
  primaryReadAt: string | null;
  verifiedAt: string | null;
  minimumHeadroom: { sequence: string; calls: string; pair?: string } | null;
  /** The times when each round read the primary and was recorded. */
  rounds: { round: number; primaryReadAt: string | null; recordedAt: string }[];
  /** The sequences with the least headroom at the last recheck that read the standby; null without a recheck. */
  lastRecheck: { at: string; least: WatchedHeadroom[] } | null;
  /** WAL positions of the primary that the standby confirmed. */
  positions: { at: string; lsn: string }[];
  /** Of a promotion: the proof between the last write on the old primary and the first write on the new one. */
  certificate: PromotionCertificate | null;
  /** Of a fleet of promotions that has switched; absent otherwise. */
  fleetCertificate?: PromotionFleetCertificate;
  /** The steps of a promotion; empty for other workflows. */
  steps: PromotionStep[];
  /** The workflow that the run handed off to. */
  handoff: { workflowType: string; workflowId: string; runId: string | null } | null;
  /** Null for a workflow that records nothing. */
  recordDigest: RecordDigest | null;
  histories: HistoryProof[];
  /** Runs that the histories name, but that could not be read. */
  missing: { workflowId: string; runId: string }[];
}
