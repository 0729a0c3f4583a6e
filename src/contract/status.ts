import type {
  BlockCode,
  BlockingWarningCode,
  InfoCode,
  PromotionBlockingCode,
  WarningCode,
} from './findings.js';
import type { EvidenceKind } from '../sequences/estimate.js';
import type { BufferPolicy } from './buffer-policy.js';
import type { Gate } from './gate.js';
import type { Mode } from './modes.js';
import type { GivenSelection } from './selection.js';

/** The phase of a run. `done` begins when the outcome is decided. */
export type Phase =
  'checking' | 'synchronizing' | 'verifying' | 'recording' | 'awaiting-approval' | 'handing-off' | 'done';

/** The outcome of one sequence; in `plan` and `verify`, the outcome that it would have. */
export type Outcome = 'applied' | 'kept' | 'skipped' | 'failed';

/**
 * One sequence as the record shows it. Values are decimal strings, unknown ones null.
 * `…Next` is the value that the next call of nextval returns; `buffer` counts calls of nextval.
 */
export interface SequenceRow {
  /** Schema and name, quoted if any version of PostgreSQL needs the quotes, so that the text does not depend on the server's version. */
  sequence: string;
  /** On the primary, when it was read for this row. */
  primaryNext: string | null;
  /** On the standby, before the round that made this row. */
  standbyBefore: string | null;
  /** The next value that the standby should have; null if none was computed. */
  target: string | null;
  /** On the standby, as it was read last: after the round if something was set, else the same as `standbyBefore`. */
  standbyNext: string | null;
  /** The buffer that the target has, in calls of nextval, 0 or more: raised for caches, reduced at a limit. */
  buffer: string | null;
  outcome: Outcome;
  /** Why the sequence has this outcome. For `applied` only if a top-up or an earlier round has set it, or if a person decided about its rows; otherwise null. */
  reason: string | null;
  /** With the primary lost: what the target comes from; `primaryNext` is then presumed. Absent otherwise. */
  evidence?: EvidenceKind;
  /** When the evidence was read, in UTC. */
  evidenceAt?: string;
  /** Whole seconds from then until the target was computed. */
  evidenceAge?: string;
  /** Calls that the primary is presumed to have made in that time, the safety factor included. */
  presumed?: string;
}

/** How serious a finding is: only a block stands in the way of a failover. */
export type Severity = 'block' | 'warn' | 'info';

/** Something a person should know, with the command that fixes it. A warning that is new at the gate may become a block. */
export type Finding = FindingText &
  (
    | { severity: 'block'; code: BlockCode | BlockingWarningCode | PromotionBlockingCode }
    | { severity: 'warn'; code: WarningCode }
    | { severity: 'info'; code: InfoCode }
  );

/** The fields of every finding. */
export interface FindingText {
  /** The sequence that the finding is about; null if it is about the run, or about `count` sequences. */
  sequence: string | null;
  /** The number of things that the finding is about, such as sequences or tables: 1 or more. */
  count: number;
  /** What is wrong, with which thing, and on which side. */
  message: string;
  /** What to do about it: sentences, with statements for psql or commands for a shell. */
  remedy: string;
  /**
   * Distinguishes findings with the same code and without a `sequence`: for example the name of a slot, or a digest of the
   * sequences that the finding is about. Unlike the message, it does not change between rechecks. Not part of the status.
   */
  subject?: string;
  /**
   * Sorted digests (see digest.ts) of all sequences, tables or other things that the finding is about. Absent if it is about
   * one thing, which `sequence` or `subject` names, or about too many. Not part of the status.
   */
  things?: readonly string[];
}

/** The identity of one side of a pair, without credentials. */
export interface Server {
  host: string;
  port: number;
  database: string;
  /** As `SHOW server_version` prints it. */
  serverVersion: string;
  /** `system_identifier` of pg_control_system(), a decimal string: https://www.postgresql.org/docs/current/functions-info.html */
  systemIdentifier: string;
  /** Present if transactions are read-only by default there, for example behind a fence: the remedies of other findings begin accordingly. */
  readOnly?: true;
}

/** How many sequences have each outcome. */
export interface Counts {
  total: number;
  applied: number;
  kept: number;
  skipped: number;
  failed: number;
}

/** The sequence with the least headroom. */
export interface Headroom {
  sequence: string;
  /** By how many calls of nextval the standby is ahead of the primary, a decimal string; negative if it is behind. */
  calls: string;
}

/** The sequence whose headroom ends first at the rate that was measured between two readings of the primary. */
export interface MeasuredConsumption {
  sequence: string;
  /** Its headroom when the primary was read last, in calls of nextval. */
  headroom: string;
  /** Calls of nextval on the primary, with two decimal places, such as "12.50". */
  callsPerSecond: string;
  /** Whole seconds that the headroom lasts from `primaryReadAt` on. */
  lastsSeconds: string;
}

/** How far a round is that works through several pages. */
export interface PageProgress {
  /** Pages. A page has up to 5,000 sequences. */
  total: number;
  /** Pages that are set, verified and recorded. */
  done: number;
}

/** One step of the runbook, and when it was done. */
export interface ChecklistItem {
  /** One of the texts in checklist.ts. */
  item: string;
  done: boolean;
  /** In UTC; null until it is done. */
  at: string | null;
}

/** The workflow that takes over after a failover. */
export interface HandoffTarget {
  workflowType: string;
  taskQueue: string;
  workflowId: string;
}

/** The promotion that the run will start, or has started. */
export interface Handoff extends HandoffTarget {
  /** The run ID of the promotion workflow; null until it was started. */
  runId: string | null;
}

/** How a run, or a fleet, has ended. */
export interface Ending {
  state: 'completed' | 'failed' | 'cancelled';
  /** The result's outcome; or the failure's type and message; or the point at which the run was cancelled. */
  message: string;
  at: string;
}

/** The answer of the query `status`, and `details[0]` of every failure. Times are ISO 8601 in UTC. */
export interface Status {
  workflowId: string | null;
  /** The run that answers; after a continue-as-new, the last run of the chain. */
  runId: string | null;
  /** The first run of a continue-as-new chain: the `run_id` of the ledger. */
  firstRunId: string | null;
  pair: string | null;
  mode: Mode | null;
  phase: Phase;
  startedAt: string;
  ticket: string | null;
  requestedBy: string | null;
  primary: Server | null;
  standby: Server | null;
  /** `reason` is the input's `bufferReason`; absent without one. */
  buffer: {
    policy: BufferPolicy | null;
    /** Calls of nextval, a decimal string; null if it is measured for each sequence, or not known yet. */
    calls: string | null;
    reason?: string;
  };
  counts: Counts;
  /** 0 before anything was computed; each pass over the sequences, and each top-up, is a round. */
  round: number;
  /** At most 200; above that, the findings of one code are folded into one. */
  findings: Finding[];
  minimumHeadroom: Headroom | null;
  /** Absent as long as no consumption was measured: it takes two readings of the primary. */
  consumption?: MeasuredConsumption;
  /** Only while a round works through several pages. */
  pages?: PageProgress;
  gate: Gate | null;
  checklist: ChecklistItem[];
  /** When the last verification ended, in UTC; null before the first one. */
  verifiedAt: string | null;
  /** When the primary was read for it, in UTC; null before the first time, and if the primary was not read. */
  primaryReadAt: string | null;
  handoff: Handoff | null;
  /** Null until the run has ended. */
  ending: Ending | null;
  /** The SHA-256 of the run's record, as in the ledger; absent until the record is closed, and in modes that write none. */
  recordDigest?: string;
  /** The input's `include`, `exclude` and `overrides`; absent until the run has ended, and without any. A promotion uses them unless its input has its own. */
  selection?: GivenSelection;
}

/** How a run completed, by its mode; `skipped` if it left the pair to another run. */
export type RunOutcome = 'ready' | 'planned' | 'verified' | 'synchronized' | 'skipped' | 'handed-off';

/** The result of a completed run, and the argument of the promotion workflow. */
export interface RunResult extends Status {
  outcome: RunOutcome;
  /** In `plan`: guarded setval statements for psql. */
  statements?: string[];
}

/** The answer of the query `sequences`. */
export interface SequencesAnswer {
  rows: SequenceRow[];
  /** The value of `after` for the next query; null at the end. */
  next: string | null;
  /** Above 2,000 sequences: the child workflows, each of which answers the same query for its page. */
  pages: PageAddress[];
}

/** The workflow that holds one page of the sequences, and their range by name. */
export interface PageAddress {
  workflowId: string;
  /** The last sequence before the page, as unquoted `schema.name`: the page begins after it. Null for the first page. */
  from: string | null;
  to: string | null;
}
