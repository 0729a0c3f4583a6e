/** Inputs and results of the steps of a page. Every payload of a page stays under 512 KiB, and none contains a connection string. */
import type { BufferPolicy, Mode } from '../contract/input.js';
import type { Approval } from '../contract/gate.js';
import type { Finding, SequenceRow, Status } from '../contract/status.js';
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
  /** The first reading, with which the consumption is measured; null if the policy measures nothing. */
  since: (PrimarySample & { leastMs: number }) | null;
  /** Whether the answer includes the rates in the ledger, for advice, although nothing is sampled. Absent: no. */
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

/** A page of targets, in packed form. */
export interface TargetReport {
  rows: Table<PlannedSequence>;
  findings: Finding[];
  /** In the mode failover: the standby's sequences that are not compared with the primary, packed as in `LastReadings`. */
  notCompared?: string;
}

export interface ApplyInput {
  identity: PairIdentity;
  /** The page that contains them; null if they come from several pages. */
  range: PageRange | null;
  settings: Table<Setting>;
  /**
   * The name of a sequence that is set on its own. Then a failure that may be temporary is thrown, and Temporal retries it, until the
   * attempts for this sequence are used up. Null for a batch: a sequence that fails is reported at once, and the others are set.
   */
  alone: string | null;
}

export interface ApplyReport {
  /** Only the sequences that failed, by the oids of the settings. */
  failed: { oid: number; reason: string; remedy: string; retryable: boolean }[];
  /** The number of sequences at or beyond their target now. */
  done: number;
}

export interface VerifyInput extends PageInput {
  expectations: Table<Expectation>;
  /** Whether to return the positions of the primary, in case the run has to continue without it. */
  tellReadings?: boolean;
}

/** The values that a verification read, by position in the list of expectations. Only the page knows the sequences. */
export interface VerifyReport {
  /** In the order of the expectations: the standby's next value; null if it could not be read. */
  standbyNext: (string | null)[];
  /** All sequences that are not ahead, with their headroom in calls; null if a side could not be read. */
  behind: [position: number, headroom: string | null][];
  /** The sequence with the least headroom, in calls; null if no headroom could be read. */
  least: { position: number; headroom: string } | null;
  /** The sequences with the smallest remaining share of their buffer. The next recheck compares its readings with these. */
  mostDrained: { position: number; primaryNext: string; headroom: string }[];
  primaryReadAt: string;
  verifiedAt: string;
  /** If the input asked for it: packed as in `LastReadings`. */
  readings?: string;
}

/** The state of a run, for the ledger's table of runs. */
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
    /** The input's `bufferReason`; absent if there is none, or if an older worker began the step. */
    bufferReason?: string | undefined;
    calls: string | null;
  };
  round: number;
  /** The time when the primary was read for these rows; null if it was not read. */
  primaryReadAt: string | null;
  rows: SequenceRow[];
}

/** The input of recordBuffer, in packed form. */
export type RecordRequest = Omit<RecordInput, 'rows'> & Chained & { rows: Table<SequenceRow> };

/** Input of every step that records, see "The digest of the record" in docs/reference/record-format.md. */
export interface Chained {
  /** The digests of earlier records that no other record names yet. Absent for the first record, and if only older workers have recorded. */
  previousDigests?: string[];
}

export interface RecordReport {
  recorded: number;
  /** Why the ledger could not be written; null if it was written, or is off. */
  unavailable: string | null;
  /** The SHA-256 of the step's input, in hexadecimal digits; absent from an older worker. */
  digest?: string;
}

export interface CloseInput extends Chained {
  identity: PairIdentity;
  workflowId: string;
  runId: string;
  state: RecordedState;
  /** For example `handed-off`, or the type and the message of the failure. */
  outcome: string;
  approvals: Approval[];
  /**
   * The status of a cancelled run, since Temporal's closing event of a cancellation carries no data. Other runs have it if their records have
   * digests, so that the digest of this step covers the status.
   */
  status?: Status;
}

/** A page whose targets come from evidence, because the primary is lost. */
export interface EvidencePageInput extends PageInput {
  mode: Mode;
  policy: Policy;
  /** SHOW max_connections on the standby, since the primary cannot be asked. */
  maxConnections: number;
}

/** Like a page of targets. `notCompared` has a reading of every sequence, also of those that were compared with evidence. */
export type EvidenceReport = TargetReport;

export interface EvidenceVerifyInput extends PageInput {
  expectations: Table<EvidenceExpectation>;
}
