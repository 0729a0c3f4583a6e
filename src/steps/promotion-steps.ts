/** The inputs and results of the activities of the workflow `promoteStandby`. None contains a password. */
import type { SideOfPair } from '../contract/side.js';
import type { FencePolicy, HttpCall } from '../contract/promotion-input.js';
import type { PromotionCertificate, PromotionFinding } from '../contract/promotion.js';
import type { ApprovedRun } from '../contract/promotion-fleet-input.js';
import type { LockedDatabase } from '../contract/lock.js';
import type { Approval } from '../contract/gate.js';
import type { Finding, RunResult } from '../contract/status.js';
import type { LockHolder, PairIdentity } from './identity.js';
import type { Chained, RecordReport } from './page-steps.js';
import type { TablesState } from './readiness.js';

/** A subscription by which the standby receives from the primary. */
export interface ForwardSubscription {
  name: string;
  slot: string;
}

export interface PromotionCheckInput {
  identity: PairIdentity;
  fence: Pick<FencePolicy, 'kind' | 'except'>;
  failback: boolean;
  /** Which sequences the promotion moves; absent if all of them, and if an older worker asks. */
  selection?: { include: readonly string[]; exclude: readonly string[] };
}

export interface PromotionCheckReport {
  /** A finding has a `subject` if an acceptance can name it. */
  findings: (PromotionFinding & Pick<Finding, 'subject'>)[];
  subscriptions: ForwardSubscription[];
  /** The number of tables that the way back publishes on the standby; 0 without a way back. */
  tables: number;
}

/** The value of default_transaction_read_only that is set for a role in this database; null if none is set. */
export interface RoleSetting {
  role: string;
  value: string | null;
}

/** The values of default_transaction_read_only that are set for this database, and in it for single roles; null if none is set. */
export interface ReadOnlySettings {
  database: string | null;
  roles: RoleSetting[];
}

/** An entry of the database's access list that grants CONNECT. The role null means PUBLIC. */
export interface ConnectGrant {
  role: string | null;
  grantable: boolean;
}

/** The state of everything that a fence changes, from before the fence. Lifting the fence restores it. */
export interface FenceMemory {
  readOnly: ReadOnlySettings;
  /** Null if the fence does not change who may connect. */
  connect: {
    /** The grants that the fence revokes. */
    revoked: ConnectGrant[];
    /** Roles that may connect only through PUBLIC or another role. The fence grants CONNECT to them by name. */
    granted: string[];
  } | null;
  /** A time before the fence, by the primary's clock. A session that began later may be read-only. Older workers leave it out. */
  since?: string;
}

export interface FenceInput {
  identity: PairIdentity;
  fence: FencePolicy;
}

export interface RaiseFenceInput extends FenceInput {
  memory: FenceMemory;
}

export interface EndWritersInput extends FenceInput {
  /** How long it may take, in milliseconds. */
  withinMs: number;
  /** True in a rehearsal: the sessions are counted, and none is ended. */
  dry: boolean;
}

export interface EndWritersReport {
  /** The primary's WAL position after the last writer had gone. */
  lsn: string;
  /** The number of sessions that were ended, or that would be ended if this is a rehearsal. */
  sessions: number;
  /** The time of the fence by the primary's clock. A session that began earlier may still have the settings from before. */
  fencedAt: string;
}

export interface ConfirmFenceInput extends FenceInput {
  slots: string[];
  withinMs: number;
  /** The WAL position to be confirmed. If it is null, the step looks for writers once more, and uses the primary's present position. */
  lsn: string | null;
  fencedAt: string;
  dry: boolean;
  /** The tables at the check. If they differ now, findings say which rows the standby would lack. Absent: the step does not compare the tables. */
  tables?: TablesState;
}

export interface ConfirmFenceReport {
  lsn: string;
  /** The lowest position that any of the slots has confirmed; null without a slot. */
  confirmedLsn: string | null;
  /**
   * Set if the tables have changed since the check: the step has then not waited for the slots. Absent if they have not changed, or were not
   * compared.
   */
  findings?: Finding[];
}

/** The publication and slot on the standby, and the subscription on the primary. */
export interface WayBackNames {
  publication: string;
  slot: string;
  subscription: string;
}

/** What is left of a way back that cannot be enabled any more. The first detail of the failure; earlier versions left it out. */
export interface BrokenWayBack {
  /** Whether the old primary still has the subscription. */
  hasSubscription: boolean;
  /** `lost`: the new primary has removed WAL that the old one had not received. */
  slot: 'ready' | 'lost' | 'missing';
  /** Whether the subscription needs the option `origin = none`: the slot also has rows that the new primary received from the old one. */
  filtersByOrigin: boolean;
}

export interface LockDatabaseInput {
  /** `startedAt` is when its server was started; null if that is not known. Earlier versions made the ID of the lock from it. */
  database: LockedDatabase & { startedAt: string | null };
  /** The workflow ID of the lock; absent in tasks of earlier versions. */
  lockId?: string;
  holder: LockHolder;
}

export interface WayBackInput {
  identity: PairIdentity;
  names: WayBackNames;
}

export interface RemoveWayBackInput extends WayBackInput {
  /** From which side. Earlier versions left it out: from both. */
  side?: SideOfPair;
}

export interface PrepareWayBackInput extends WayBackInput {
  /**
   * The subscriptions by which the standby receives from the primary. Their tables are published. Older workers leave it out: then those of all
   * enabled subscriptions are.
   */
  subscriptions?: ForwardSubscription[];
  /** The sides whose WAY_BACK_NEEDS_ROOM somebody has accepted. Absent: none. */
  roomAcceptedOn?: SideOfPair[];
}

/** In earlier versions the step returned nothing. */
export interface OpenedStandby {
  /** The position of the slot of the way back when the standby was opened. Absent if a crash of the server cannot set it back. */
  wayBackFrom?: string;
}

export interface EnableWayBackInput extends WayBackInput {
  withinMs: number;
  /** `wayBackFrom` of the opening; absent if it returned none. */
  from?: string;
}

/** The state of everything that opening the standby changes, from before it is opened. */
export interface OpeningMemory {
  readOnly: ReadOnlySettings;
  /** If the ledger has an earlier fence of this database: the state from before that fence. Otherwise null. */
  before: FenceMemory | null;
  /** Whether the way back sends only rows that were written on the standby itself (PostgreSQL 16 on both sides). Older workers leave it out. */
  filtersByOrigin?: boolean;
}

/** {@link OpeningMemory}, and what keeps it from being complete. */
export interface OpeningReport extends OpeningMemory {
  /** Older workers leave them out. */
  findings?: PromotionFinding[];
}

/** Since when new sessions of the standby are read-only, by the standby's clock. */
export interface ReadOnlyStandby {
  since: string;
}

export interface OpenStandbyInput {
  identity: PairIdentity;
  subscriptions: ForwardSubscription[];
  memory: OpeningMemory;
  /** The slot of the way back, which is advanced so that rows that came from the primary are not sent back to it; null without a way back. */
  slot: string | null;
  /** Sessions of the standby that began since then are read-only. Without it the standby took writes until now. */
  readOnlySince?: string;
}

export interface ReleaseInput {
  identity: PairIdentity;
  subscriptions: ForwardSubscription[];
  names: WayBackNames;
}

/** A pair whose clients are to be moved, and the address of its standby, to which they go. */
export interface MovedPair {
  pair: string;
  standby: { host: string; port: number; database: string };
}

/** A promotion that is about to raise its fence, for the ledger. */
export type FenceRecord = Omit<PromotionRecord, 'state' | 'outcome' | 'certificate' | 'fence'> & {
  fence: FenceMemory;
};

/** One promotion in the ledger. */
export interface PromotionRecord extends LockHolder, Chained {
  identity: PairIdentity;
  ticket: string | null;
  requestedBy: string | null;
  startedAt: string;
  state: 'rehearsed' | 'promoted' | 'undone' | 'unfinished';
  outcome: string;
  approvals: Approval[];
  certificate: PromotionCertificate | null;
  fence: FenceMemory | null;
}

/** The decision of a fleet of promotions about all of its pairs. */
export type PromotionFleetVerdict = 'switch' | 'undo';

export interface PromotionActivities {
  /** The record of a run that has handed off, as its query `status` answers. Throws NotReady if the run did not complete. */
  readApprovedRun(input: { run: ApprovedRun }): Promise<RunResult>;
  /**
   * Terminates a fleet of promotions that does not answer, so that it cannot decide any more, and reads its decision from its history. If
   * the history has no order to switch, the decision is `undo`.
   */
  settleFleet(input: { fleet: ApprovedRun }): Promise<PromotionFleetVerdict>;
  /** Waits until the primary answers. It throws PrimaryUnreachable if it has not answered for `withinMs` milliseconds. */
  awaitPrimary(input: { identity: PairIdentity; withinMs: number }): Promise<void>;
  /** The same for the standby, with StandbyUnreachable. */
  awaitStandby(input: { identity: PairIdentity; withinMs: number }): Promise<void>;
  /** Takes the lock of a database of the pair. It throws NotReady, naming the holder, if another open promotion has it. */
  lockDatabase(input: LockDatabaseInput): Promise<void>;
  /** Checks the privileges for all steps, and looks for obstacles to a fence. Changes nothing. */
  checkPromotion(input: PromotionCheckInput): Promise<PromotionCheckReport>;
  /** The outage that the latest rehearsal of the pair predicted, in milliseconds; null without one. */
  readPrediction(input: { identity: PairIdentity }): Promise<number | null>;
  prepareWayBack(input: PrepareWayBackInput): Promise<void>;
  removeWayBack(input: RemoveWayBackInput): Promise<void>;
  readFence(input: FenceInput): Promise<FenceMemory>;
  raiseFence(input: RaiseFenceInput): Promise<void>;
  liftFence(input: RaiseFenceInput): Promise<void>;
  endWriters(input: EndWritersInput): Promise<EndWritersReport>;
  confirmFence(input: ConfirmFenceInput): Promise<ConfirmFenceReport>;
  readOpening(input: { identity: PairIdentity }): Promise<OpeningReport>;
  /** New sessions of the standby are read-only from now on, so that no application writes there before it is open. */
  makeStandbyReadOnly(input: { identity: PairIdentity }): Promise<ReadOnlyStandby>;
  openStandby(input: OpenStandbyInput): Promise<OpenedStandby>;
  /** Whether an attempt to open the standby was committed, although the step failed. */
  readOpened(input: Pick<OpenStandbyInput, 'identity' | 'subscriptions'>): Promise<boolean>;
  closeStandby(input: OpenStandbyInput): Promise<void>;
  moveTraffic(input: { call: HttpCall } & (MovedPair | { pairs: MovedPair[] })): Promise<void>;
  enableWayBack(input: EnableWayBackInput): Promise<void>;
  /** Drops the slots of the old direction, which the way back replaces, so that they do not keep WAL for ever. */
  releaseForward(input: ReleaseInput): Promise<void>;
  /** Writes the state before the fence into the ledger: a promotion that is terminated leaves it there for the next one. */
  recordFence(input: FenceRecord): Promise<RecordReport>;
  /** Writes how the promotion ended into the ledger. */
  recordPromotion(input: PromotionRecord): Promise<RecordReport>;
}
