import type { BlockCode, BlockingWarningCode, InfoCode, WarningCode } from './findings.js';
import type { EvidenceKind } from '../sequences/estimate.js';
import type { BufferPolicy, Mode } from './input.js';

/** Where a run is. `done` holds from the moment its outcome is decided. */
export type Phase =
  'checking' | 'synchronizing' | 'verifying' | 'recording' | 'awaiting-approval' | 'handing-off' | 'done';

/** What became of one sequence, or, in `plan` and `verify`, what would become of it. */
export type Outcome = 'applied' | 'kept' | 'skipped' | 'failed';

/**
 * One sequence as the record shows it. Values are decimal strings, unknown ones null.
 * `…Next` is the value that the next call of nextval returns; `buffer` counts calls of nextval.
 */
export interface SequenceRow {
  /** Schema and name, quoted where any version of PostgreSQL needs it; the same text whatever the server's version. */
  sequence: string;
  primaryNext: string | null;
  standbyBefore: string | null;
  target: string | null;
  standbyNext: string | null;
  buffer: string | null;
  outcome: Outcome;
  reason: string | null;
  /** With the primary lost: what the target comes from; `primaryNext` is then presumed. Absent otherwise. */
  evidence?: EvidenceKind;
  /** When that was read. */
  evidenceAt?: string;
  /** Whole seconds from then until the target was computed. */
  evidenceAge?: string;
  /** Calls that the primary is presumed to have made in that time, the safety factor included. */
  presumed?: string;
}

export type Severity = 'block' | 'warn' | 'info';

/** Something a person should know, with the command that mends it. A warning that is new at the gate may be a block. */
export type Finding = FindingText &
  (
    | { severity: 'block'; code: BlockCode | BlockingWarningCode }
    | { severity: 'warn'; code: WarningCode }
    | { severity: 'info'; code: InfoCode }
  );

interface FindingText {
  /** The sequence it is about; null when it is about the run, or stands for `count` sequences. */
  sequence: string | null;
  count: number;
  message: string;
  remedy: string;
  /**
   * What tells it from others of its code where `sequence` does not: such as a slot, or a digest of those that it stands
   * for. Its message may change with every look, this does not. Not part of the status.
   */
  subject?: string;
  /**
   * Digests (see digest.ts) of all that it is about, sorted: of sequences where it stands for many, of tables, and so on. Absent
   * where it is about one thing, which `sequence` or `subject` says, and where there are too many. Not part of the status.
   */
  things?: readonly string[];
}

/** One side of a pair as it was identified; never how to log in to it. */
export interface Server {
  host: string;
  port: number;
  database: string;
  /** As `SHOW server_version` prints it. */
  serverVersion: string;
  /** pg_control_system().system_identifier, decimal. */
  systemIdentifier: string;
}

export interface Counts {
  total: number;
  applied: number;
  kept: number;
  skipped: number;
  failed: number;
}

/** Calls of nextval that the standby is ahead of the primary by. */
export interface Headroom {
  sequence: string;
  calls: string;
}

export interface Approval {
  by: string;
  at: string;
  reason: string | null;
  accept: string[];
  /** Sequences to be set as the primary asks, whatever their rows; absent for none. */
  ignoreRows?: string[];
  /** Sequences to be moved past their rows, however far; absent for none. */
  raisePastRows?: string[];
}

/** What was decided about the rows of a sequence, and by whom. */
export interface DecidedRows {
  /** As its row has it. */
  sequence: string;
  rows: 'ignore' | 'raise';
  by: string;
}

export interface Refusal {
  at: string;
  /** The message's name: approve, reject, resynchronize, decide, or whatever was sent. */
  kind: string;
  by: string | null;
  reason: string;
}

export type GateState = 'closed' | 'open' | 'blocked' | 'approved' | 'rejected' | 'timed-out';

export interface Gate {
  state: GateState;
  required: number;
  approvals: Approval[];
  /** The last 50; `refusedCount` counts all. */
  refused: Refusal[];
  refusedCount: number;
  deadline: string | null;
  blockedBy: { code: string; sequence: string | null }[];
  /** What was decided about rows beyond the targets of single sequences; absent for nothing. */
  decidedRows?: DecidedRows[];
}

export interface ChecklistItem {
  item: string;
  done: boolean;
  at: string | null;
}

export interface HandoffTarget {
  workflowType: string;
  taskQueue: string;
  workflowId: string;
}

/** The promotion that the run hands off to, or has handed off to. */
export interface Handoff extends HandoffTarget {
  /** Of the promotion workflow that was started; null before. */
  runId: string | null;
}

/** How a run, or a fleet, has ended. */
export interface Ending {
  state: 'completed' | 'failed' | 'cancelled';
  /** The result's outcome, the failure's type and message, or what a cancellation came to. */
  message: string;
  at: string;
}

/** The answer of the query `status`, and `details[0]` of every failure. Times are ISO 8601 in UTC. */
export interface Status {
  workflowId: string | null;
  /** The run that answers; of a run that continued as new, the last. */
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
  buffer: { policy: BufferPolicy | null; calls: string | null };
  counts: Counts;
  /** 0 before anything was computed; each pass over the sequences, and each top-up, is a round. */
  round: number;
  /** At most 200; above that one finding stands for all of its code, with their count. */
  findings: Finding[];
  minimumHeadroom: Headroom | null;
  gate: Gate | null;
  checklist: ChecklistItem[];
  verifiedAt: string | null;
  primaryReadAt: string | null;
  handoff: Handoff | null;
  /** Null until the run has ended. */
  ending: Ending | null;
}

export type RunOutcome = 'ready' | 'planned' | 'verified' | 'synchronized' | 'skipped' | 'handed-off';

/** What a completed run returns, and what the promotion workflow is started with. */
export interface RunResult extends Status {
  outcome: RunOutcome;
  /** In `plan`: guarded setval statements for psql. */
  statements?: string[];
}

/** What the update `decide` answers when the decision stands. */
export interface DecideAnswer {
  state: GateState;
  approvals: number;
  required: number;
}

/** The answer of the query `sequences`. */
export interface SequencesAnswer {
  rows: SequenceRow[];
  /** Pass it as `after` to read on; null at the end. */
  next: string | null;
  /** Above 2,000 sequences: the child workflows that answer the same query for their part. */
  pages: PageAddress[];
}

export interface PageAddress {
  workflowId: string;
  /** The first sequence of the page, raw `schema.name`; null for the very beginning. */
  from: string | null;
  to: string | null;
}
