/** What the steps of a page are given, and what they answer. Every payload stays under 512 KiB for a page of sequences, and none holds a connection string. */
import type { BufferPolicy, Mode } from '../contract/input.js';
import type { Approval, Finding, SequenceRow, Status } from '../contract/status.js';
import type { PageInput, PageRange, PairIdentity, Policy } from './identity.js';
import type {
  EvidenceExpectation,
  Expectation,
  PlannedSequence,
  PrimarySample,
  PrimarySequence,
  Setting,
} from './rows.js';
import type { Table } from './table.js';

export interface FetchInput extends PageInput {
  /** What the consumption is measured against; null where the policy measures nothing. */
  since: (PrimarySample & { leastMs: number }) | null;
  /** Where nothing is sampled: whether the rates on record are to be told, for advice. Absent for no. */
  recorded?: true;
}

export interface ComputeInput extends PageInput {
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
  primary: Table<PrimarySequence>;
}

export interface TargetPage {
  rows: PlannedSequence[];
  findings: Finding[];
}

/** A target page as it travels. */
export interface TargetReport {
  rows: Table<PlannedSequence>;
  findings: Finding[];
  /** In the mode failover: the standby's sequences that are not compared with the primary, packed as in `LastReadings`. */
  notCompared?: string;
}

export interface ApplyInput {
  identity: PairIdentity;
  /** The page that they are on; null where they come from many. */
  range: PageRange | null;
  settings: Table<Setting>;
  /**
   * The name of a sequence on its own: what can heal is thrown, for Temporal to retry, until the tries for what
   * concerns only this sequence (a lock) are used up. In a batch, null, a sequence that fails is reported at once, and
   * the others are set.
   */
  alone: string | null;
}

export interface ApplyReport {
  /** Only what failed, by the oids of the settings. */
  failed: { oid: number; reason: string; remedy: string; retryable: boolean }[];
  /** How many are at or beyond their target now. */
  done: number;
}

export interface VerifyInput extends PageInput {
  expectations: Table<Expectation>;
  /** Whether to tell where the primary stood, for a run that may have to go on without it. */
  tellReadings?: boolean;
}

/** What a verification read, by positions among the expectations: whose they are, only the page knows. */
export interface VerifyReport {
  /** In the order of the expectations: the standby's next value, null where it could not be read. */
  standbyNext: (string | null)[];
  /** All that are not ahead, with their headroom in calls, null where a side could not be read. */
  behind: [position: number, headroom: string | null][];
  /** The one with the least headroom, in calls; null where no headroom could be read. */
  least: { position: number; headroom: string } | null;
  /** Of whose buffer the least is left, the first few: what a later look compares its own readings with. */
  mostDrained: { position: number; primaryNext: string; headroom: string }[];
  primaryReadAt: string;
  verifiedAt: string;
  /** Where it was asked for: packed as in `LastReadings`. */
  readings?: string;
}

/** How a run stands, for the ledger's table of runs. */
export type RecordedState = 'open' | 'completed' | 'failed' | 'cancelled' | 'abandoned';

export interface RecordInput {
  identity: PairIdentity;
  run: {
    workflowId: string;
    /** The first run of a continue-as-new chain. */
    runId: string;
    mode: Mode;
    requestedBy: string | null;
    ticket: string | null;
    startedAt: string;
    buffer: BufferPolicy;
    /** The input's; absent without one, and where an older worker began the step. */
    bufferReason?: string | undefined;
    calls: string | null;
  };
  round: number;
  /** When the primary was read for these rows; null where it was not. */
  primaryReadAt: string | null;
  rows: SequenceRow[];
}

/** A record's input as it travels. */
export type RecordRequest = Omit<RecordInput, 'rows'> & { rows: Table<SequenceRow> };

export interface RecordReport {
  recorded: number;
  /** Why nothing could be written; null when all was, or the ledger is off. */
  unavailable: string | null;
}

export interface CloseInput {
  identity: PairIdentity;
  workflowId: string;
  runId: string;
  state: RecordedState;
  /** For instance `handed-off`, or the failure's type and message. */
  outcome: string;
  approvals: Approval[];
  /** Of a run that was cancelled, for its history: Temporal's closing event of a cancellation carries nothing. */
  status?: Status;
}

/** A page whose targets come from evidence, since the primary is lost. */
export interface EvidenceInput extends PageInput {
  mode: Mode;
  policy: Policy;
  /** Of the standby, in place of the primary's. */
  maxConnections: number;
}

/** As a target page; `notCompared` holds a reading of each sequence, those that were compared with evidence too. */
export type EvidenceReport = TargetReport;

export interface EvidenceVerifyInput extends PageInput {
  expectations: Table<EvidenceExpectation>;
}
