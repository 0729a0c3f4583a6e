/**
 * What travels between the workflows and the activities. Every sequence value is a decimal string, every
 * payload stays under 512 KiB for a page of sequences, and none carries a connection string.
 */
import type { MeasuredBuffers } from '../sequences/measured-buffer.js';
import type { WatchedSequence } from '../sequences/watch-list.js';
import type { BufferPolicy, BufferOverride, Mode } from '../contract/input.js';
import type {
  Approval,
  DecidedRows,
  Finding,
  Outcome,
  PageAddress,
  SequenceRow,
  Server,
  Status,
} from '../contract/status.js';
import type { PromotionActivities } from './promotion-steps.js';
import type { Table } from './table.js';

/** The two servers that a run began with. Every activity asserts them in the session that it uses. */
export interface Identity {
  systemIdentifier: string;
  /** pg_database.oid of the connected database. */
  databaseOid: string;
  database: string;
  /** What tells the two servers of a pair apart of which one is a copy of the other; absent where the rest does. */
  mark?: string;
}

export interface PairIdentity {
  pair: string;
  primary: Identity;
  standby: Identity;
}

/** A raw `[schema, name]`, ordered by the bytes of its UTF-8. */
export type RawName = [schema: string, name: string];

/** All sequences after `after`, up to and with `upTo`; null is open-ended. */
export interface PageRange {
  after: RawName | null;
  upTo: RawName | null;
}

/** Which sequences, and how far each shall be ahead. */
export interface Policy {
  include: string[];
  exclude: string[];
  buffer: BufferPolicy;
  overrides: BufferOverride[];
  /** What the last round measured, for later looks; absent while a round measures anew. */
  measured?: MeasuredBuffers;
  /** What was said at the gate about the rows of single sequences; absent for nothing. */
  decidedRows?: DecidedRows[];
}

export type { DecidedRows };

export interface ReadinessInput {
  pair: string;
  mode: Mode;
  policy: Omit<Policy, 'buffer'> & { buffer: BufferPolicy | null };
  /** Set from the second round on: the servers must still be these. */
  expected: PairIdentity | null;
}

export interface ReadinessReport {
  identity: PairIdentity;
  primary: Server;
  standby: Server;
  /** The policy with the worker's default filled in. */
  buffer: BufferPolicy;
  /** The buffer in calls of nextval; null where each sequence's own is measured. */
  calls: string | null;
  /** SHOW max_connections on the primary: how many sessions may hold cached values. */
  primaryMaxConnections: number;
  total: number;
  pages: PageRange[];
  findings: Finding[];
  /** What the subscriptions say; a recheck and awaitReplication say it anew. */
  replication: Finding[];
  /** Absent where an older worker answered. */
  subscriptions?: SubscriptionNames;
}

/** The subscriptions of the standby's database, by name. */
export interface SubscriptionNames {
  present: string[];
  /** Those that receive from the primary. */
  toPrimary: string[];
  /** Of all that are present; absent where an older worker answered. */
  details?: SubscriptionDetail[];
}

/** A subscription is known by its slot, also under another name: what it had not received is there for it. */
export interface SubscriptionDetail {
  name: string;
  slot: string | null;
  publications: string[];
}

export interface PageInput {
  identity: PairIdentity;
  range: PageRange;
}

/** Where the sequences of a page stood at a time: `[oid, next value]`, those that could be read. */
export interface PrimarySample {
  positions: [oid: number, next: string][];
  /** After the last of them was read. */
  at: string;
}

export interface FetchInput extends PageInput {
  /** What the consumption is measured against; null where the policy measures nothing. */
  since: (PrimarySample & { leastMs: number }) | null;
}

/** A sequence of the primary as it was read. */
export interface PrimarySequence {
  schema: string;
  name: string;
  sequence: string;
  oid: number;
  increment: string;
  min: string;
  max: string;
  cache: string;
  cycle?: true;
  /** Its START; absent where that is `min`, or, with a negative increment, `max`. */
  start?: string;
  /** Absent when `problem` says why it could not be read. */
  last?: string;
  called?: boolean;
  /** Columns that it feeds, as schema.table.column, quoted where any version needs it; absent when none. */
  feeds?: string[];
  /** The furthest value in any fed column, in the direction of the increment; null for none, absent without such a column. */
  furthest?: string | null;
  /** Why the fed columns' data was not looked at. */
  dataNotChecked?: { reason: string; remedy: string };
  /** How fast it was consumed; absent when it was not, or nobody measured. */
  rate?: { calls: string; elapsedMs: string };
  extension?: string;
  temporary?: true;
  problem?: { code: 'NO_READ_PRIVILEGE' | 'READ_FAILED'; reason: string; remedy: string };
}

export interface PrimaryPage {
  sequences: Table<PrimarySequence>;
  /** Before the first of them was read. */
  readAt: string;
}

export interface ComputeInput extends PageInput {
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
  primary: Table<PrimarySequence>;
}

/** What is to be done with one sequence, and why. */
export interface PlannedSequence extends SequenceRow {
  /** A row of a fed column lies at or beyond the standby's next value. */
  behindData?: true;
  /** The primary's sequence has CYCLE, or goes on before its START: rows of an earlier turn may lie ahead. */
  goesRound?: true;
  /** Of the standby; absent when there is nothing to set or to verify. */
  oid?: number;
  primaryOid?: number;
  increment?: string;
  /** The measured buffer before caches and bounds, where it is above its minimum. */
  measured?: string;
  /** The is_called of the setval, when `outcome` is `applied`. */
  called?: boolean;
}

/** A row as the run keeps it: with what tells a later read whether the sequence has changed. */
export interface RecordedRow extends SequenceRow {
  /** On the standby; absent where it is not there, or was recorded by an older worker. */
  oid?: number;
  primaryOid?: number;
  /** A digest of where it stands, see `standingDigest`; absent when it is ahead. */
  standing?: string;
  /** It was dropped or renamed: no later read will find it under this name. */
  gone?: true;
}

/** What of a recorded row a later read is compared with. */
export type KnownSequence = Pick<
  RecordedRow,
  'sequence' | 'outcome' | 'oid' | 'primaryOid' | 'standing' | 'gone'
>;

/** A row that has changed while the run waited; `was` is null for a sequence that had none. */
export interface ChangedRow extends RecordedRow {
  was: Outcome | null;
}

/** The answer of the query `recorded`, by which a recheck learns what a run or one of its pages has recorded. */
export interface RecordedAnswer {
  known: Table<KnownSequence>;
  pages: PageAddress[];
  /** Whether the rows were too long to be carried over a continue-as-new. */
  lost: boolean;
}

export interface TargetPage {
  rows: PlannedSequence[];
  findings: Finding[];
}

/** A target page as it travels. */
export interface TargetReport {
  rows: Table<PlannedSequence>;
  findings: Finding[];
  /** In the mode failover: the standby's sequences that are not compared with the primary, packed as in {@link LastReadings}. */
  notCompared?: string;
}

/** One setval: nothing is done unless the standby's next value is behind `target`. */
export interface Setting {
  oid: number;
  increment: string;
  target: string;
  called: boolean;
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

/** A sequence to be verified: read on both sides by oid. */
export interface Expectation {
  oid: number;
  primaryOid: number;
  increment: string;
  /** The effective buffer, in calls. */
  buffer: string;
  /** As in {@link PlannedSequence}. */
  goesRound?: true;
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
  /** Where it was asked for: packed as in {@link LastReadings}. */
  readings?: string;
}

/**
 * Where both sides stood when they were last read, for the time when the primary is lost. Each part's data is base64 of gzip of JSON:
 * `{"oids", "primaryNext", "buffer", "distance"?}`, columns of the same length, see docs/reference/record-format.md.
 */
export interface LastReadings {
  parts: {
    /** Of what the data says; null where no recheck has told it. */
    digest: string | null;
    /** Null where it is what the run knows already. */
    data: string | null;
  }[];
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

export interface RecheckInput {
  identity: PairIdentity;
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
  /** Of the look before. */
  watched: WatchedSequence[];
  /** Whether nothing else is looked at before the handoff: no subscription may be setting sequences meanwhile. Absent: false. */
  final?: boolean;
  /**
   * Whether the standby has confirmed, since the approval, what the primary had written, by subscriptions to the primary alone and without a
   * finding: then the rows of subscribed tables are looked at on the standby alone. Absent: false.
   */
  confirmed?: boolean;
  /** The digests of the readings that the run has, part by part; absent from an older worker. */
  readings?: (string | null)[];
  /**
   * The sum of the standings that the run has recorded: where what is read has another, the rows are compared. Null: compare
   * them anyway. Absent, from an older worker: do not.
   */
  standings?: string | null;
}

/** A look at the standby alone: the primary is gone, and the approver accepted that. */
export interface RecheckStandbyInput extends Pick<RecheckInput, 'identity' | 'policy' | 'final'> {
  /** The data of {@link LastReadings}; absent from an older worker, when nothing is known of the primary. */
  readings?: string[];
  /** Whether to compare with the rows that the run has recorded; absent from an older worker, which would not record what has changed. */
  compareRows?: boolean;
}

/** Rows that have changed since the run recorded them. */
export interface Changes {
  /** At most 500. */
  rows: Table<ChangedRow>;
  /** How many more there are: the next recheck has them. */
  more: number;
  /** Why nobody can say of all sequences whether they have changed; null where all were compared. */
  unknown: string | null;
}

/** What a look at every sequence of both sides found; it carries only what needs doing. */
export interface RecheckReport {
  /** Sequences of either side. */
  total: number;
  /** Sequences behind half of their buffer, at most 500. */
  topUps: PlannedSequence[];
  /** How many need a top-up in all. */
  behind: number;
  /** What stands if a top-up does not help: NOT_AHEAD for each of them. */
  notAhead: Finding[];
  findings: Finding[];
  minimumHeadroom: { sequence: string; calls: string } | null;
  /** For the next look; with the rates since the one before. */
  watched: WatchedSequence[];
  /** CONSUMPTION: how long the headroom lasts that will be used up first. */
  consumption: Finding[];
  /** What the subscriptions say; absent where an older worker answered. */
  replication?: Finding[];
  subscriptions?: SubscriptionNames;
  /** Absent where an older worker answered, or without the primary. */
  readings?: LastReadings;
  /** Without the primary: whether its last reading decided; absent where an older worker answered. */
  byLastReading?: boolean;
  /** Null without the primary. */
  primaryReadAt: string | null;
  verifiedAt: string;
  /** The sum of what was read; absent from an older worker, and without the primary. */
  standings?: string;
  /** Absent where nothing has changed. */
  changes?: Changes;
}

export interface AwaitReplicationInput {
  identity: PairIdentity;
  /** The primary is gone, and the approver accepted that: there is nothing left to wait for. */
  withoutPrimary: boolean;
  /** How long the standby may take; absent, also from an older worker: 30 seconds. */
  timeoutMs?: number;
}

export interface AwaitReplicationReport {
  /** The primary's WAL position that the subscriptions confirmed, or did not in time; null without a subscription. */
  lsn: string | null;
  findings: Finding[];
  /** Absent where an older worker answered. */
  subscriptions?: SubscriptionNames;
}

/** The workflow that holds a pair's lock, by the first run of its continue-as-new chain. */
export interface LockHolder {
  workflowId: string;
  runId: string;
}

export interface LockInput {
  pair: string;
  holder: LockHolder;
}

export interface HandoffCheckInput {
  taskQueue: string;
  /** Of the promotion; absent where an older worker began the run. */
  workflowId?: string;
}

export interface DatabasesInput {
  /** A pair whose servers are listed. */
  pair: string;
  /** Patterns of database names, as those of sequences. */
  databases: string[];
  except: string[];
}

export interface DatabasesReport {
  /** The name of each database's pair, in the order of their names. */
  pairs: string[];
  /** What is on one side only, or matched nothing. */
  findings: Finding[];
}

/** With the primary lost: what checkReadiness is asked with a primary. */
export type LostPrimaryInput = ReadinessInput;

/** A page whose targets come from evidence, since the primary is lost. */
export interface EvidenceInput extends PageInput {
  mode: Mode;
  policy: Policy;
  /** Of the standby, in place of the primary's. */
  maxConnections: number;
}

/** As a target page; `notCompared` holds a reading of each sequence, those that were compared with evidence too. */
export type EvidenceReport = TargetReport;

/** A sequence to be verified against where the primary is presumed to have stood. */
export interface EvidenceExpectation extends Omit<Expectation, 'primaryOid'> {
  primaryNext: string;
}

export interface EvidenceVerifyInput extends PageInput {
  expectations: Table<EvidenceExpectation>;
}

/** The activities' signatures; workflows know no more of them. */
export interface Activities extends PromotionActivities {
  /** Takes the pair's lock for this workflow; throws NotReady, naming the holder, when another open run has it. */
  lockPair(input: LockInput): Promise<void>;
  checkReadiness(input: ReadinessInput): Promise<ReadinessReport>;
  /** The first of the two reads by which the primary's consumption is measured. */
  samplePrimary(input: PageInput): Promise<PrimarySample>;
  /** The second one, where there was a first. */
  fetchPrimarySequences(input: FetchInput): Promise<PrimaryPage>;
  computeTargets(input: ComputeInput): Promise<TargetReport>;
  applyTargets(input: ApplyInput): Promise<ApplyReport>;
  verifyStandby(input: VerifyInput): Promise<VerifyReport>;
  recordBuffer(input: RecordRequest): Promise<RecordReport>;
  recheckHeadroom(input: RecheckInput): Promise<RecheckReport>;
  /** As recheckHeadroom, by the standby's own rows. */
  recheckStandby(input: RecheckStandbyInput): Promise<RecheckReport>;
  /** As checkReadiness, with a primary that is said to be lost: throws NotReady where it answers. */
  checkLostPrimary(input: LostPrimaryInput): Promise<ReadinessReport>;
  /** As fetchPrimarySequences and computeTargets, from what is known without the primary. */
  computeByEvidence(input: EvidenceInput): Promise<EvidenceReport>;
  /** As verifyStandby, against the same evidence. */
  verifyByEvidence(input: EvidenceVerifyInput): Promise<Omit<VerifyReport, 'primaryReadAt' | 'readings'>>;
  /** PRIMARY_BACK when a primary that was said to be lost answers. */
  findPrimary(input: { identity: PairIdentity }): Promise<Finding[]>;
  awaitReplication(input: AwaitReplicationInput): Promise<AwaitReplicationReport>;
  /**
   * HANDOFF_NO_WORKER when nobody polls the task queue that the promotion workflow shall run on, HANDOFF_ID_TAKEN when its workflow ID
   * cannot be used.
   */
  checkHandoff(input: HandoffCheckInput): Promise<Finding[]>;
  closeRecord(input: CloseInput): Promise<RecordReport>;
  /** The databases that exist on both servers of a pair, for a fleet. */
  listDatabases(input: DatabasesInput): Promise<DatabasesReport>;
}
