import type { Decision } from '../record/decisions.js';
import type { HistoryProof } from '../record/history-proof.js';
import type { TimelineEntry, WorkflowEnd } from '../record/timeline.js';
import type { PromotionCertificate, PromotionStep } from '../contract/promotion.js';
import type { PromotionFleetCertificate } from '../contract/promotion-fleet.js';
import type { ChecklistItem, Server, SequenceRow, Severity } from '../contract/status.js';

export const REPORT_FORMAT = 'sequence-failover-report';

/** What the histories of a run, a fleet or a promotion say: docs/reference/report.md. The same histories give the same report. */
export interface Report {
  format: typeof REPORT_FORMAT;
  version: 1;
  /** The release that wrote it: another one may write other bytes. */
  release: string;
  kind: 'run' | 'fleet' | 'promotion' | 'promotion-fleet';
  workflowId: string;
  /** Of a continue-as-new chain. */
  firstRunId: string;
  lastRunId: string;
  startedAt: string;
  /** Null while the workflow is open. */
  closedAt: string | null;
  state: 'open' | WorkflowEnd;
  /** Of a workflow that completed, such as `handed-off`. */
  outcome: string | null;
  failure: { type: string; message: string } | null;
  /** Three sentences. */
  summary: string[];
  /** What whoever reads the report has to know, such as a history that is missing. */
  warnings: string[];
  configuration: Configuration;
  timeline: TimelineEntry[];
  /** A row for each sequence and round, in the order of the names. */
  sequences: ReportedRow[];
  findings: ReportedFinding[];
  /** What can wait until after the failover. It stands in the findings too. */
  advice: Advice[];
  decisions: Decision[];
  waiting: Observation[];
  proof: Proof;
  /** The runs, or the promotions, of a fleet's pairs, in the order in which they were started. */
  members: Report[];
}

/** Whether the workflow is one of many pairs, each with a report of its own. */
export const isFleet = ({ kind }: Pick<Report, 'kind'>) => kind === 'fleet' || kind === 'promotion-fleet';

export interface Configuration {
  pair: string | null;
  mode: string | null;
  ticket: string | null;
  requestedBy: string | null;
  /** What the client that started the workflow calls itself; not authenticated. */
  startedByIdentity: string | null;
  /** Whom the server authenticated, as `type:name`. */
  startedByPrincipal: string | null;
  /** The policy that was used, also where it was the worker's default. */
  buffer: unknown;
  bufferCalls: string | null;
  bufferReason: string | null;
  primary: Server | null;
  standby: Server | null;
  /** The arguments that the workflow was started with, as they were sent. */
  input: unknown[];
  sdks: string[];
  /** Builds of workers. */
  builds: string[];
  workers: string[];
}

/** A row of a round. `standbyBefore` is the old value, `standbyNext` the new one. */
export interface ReportedRow extends SequenceRow {
  /** Of a fleet; null otherwise. */
  pair: string | null;
  /** Null in the modes that set nothing. */
  round: number | null;
  /** Whether no later round has the sequence. */
  last: boolean;
  increment: string | null;
  /** By how many calls of nextval the standby was ahead of the primary when the row was made; null if a value is unknown. */
  headroom: string | null;
}

export interface ReportedFinding {
  severity: Severity;
  code: string;
  sequence: string | null;
  count: number;
  message: string;
  remedy: string;
  /** Who accepted it by name. */
  acceptedBy: string[];
}

export interface Advice {
  /** Of a fleet; null otherwise. */
  pair: string | null;
  code: string;
  sequence: string | null;
  count: number;
  message: string;
  remedy: string;
}

/** What a recheck read while the run waited. */
export interface Observation {
  at: string;
  /** The sequence with the least headroom; null if a side could not be read. */
  sequence: string | null;
  calls: string | null;
  /** How many sequences were topped up after it. */
  behind: number;
}

/** How far a sequence was ahead at a recheck. Values are decimal strings; null where the rate was not measured. */
export interface WatchedHeadroom {
  sequence: string;
  /** Of nextval. */
  calls: string;
  /** Between two readings of the primary. */
  callsPerSecond: string | null;
  /** How long the headroom lasts at that rate, in seconds; null also without consumption. */
  lastsSeconds: string | null;
  /** The buffer for ten minutes of failover at twice that rate, in calls. */
  suggestedBuffer: string | null;
}

export interface Proof {
  checklist: ChecklistItem[];
  /** When the primary was last read, and the standby last verified. */
  primaryReadAt: string | null;
  verifiedAt: string | null;
  minimumHeadroom: { sequence: string; calls: string; pair?: string } | null;
  /** When each round read the primary, and was recorded. */
  rounds: { round: number; primaryReadAt: string | null; recordedAt: string }[];
  /** The sequences with the least headroom at the last recheck that read the standby; null without a recheck. */
  lastRecheck: { at: string; least: WatchedHeadroom[] } | null;
  /** WAL positions of the primary that the standby confirmed. */
  positions: { at: string; lsn: string }[];
  /** Of a promotion: what was proven between the last write on the old primary and the first one on the new primary. */
  certificate: PromotionCertificate | null;
  /** Of a fleet of promotions that has switched; absent otherwise. */
  fleetCertificate?: PromotionFleetCertificate;
  /** Of a promotion. */
  steps: PromotionStep[];
  /** The workflow that the run handed off to. */
  handoff: { workflowType: string; workflowId: string; runId: string | null } | null;
  histories: HistoryProof[];
  /** Runs that the histories name, and that could not be read. */
  missing: { workflowId: string; runId: string }[];
}
