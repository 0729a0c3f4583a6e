/** What travels between the workflow `promoteStandby` and its activities. Nothing here logs in to anything. */
import type { FencePolicy, HttpCall } from '../contract/promotion-input.js';
import type { PromotionCertificate, PromotionFinding } from '../contract/promotion.js';
import type { ApprovedRun } from '../contract/promotion-fleet-input.js';
import type { Approval, RunResult } from '../contract/status.js';
import type { LockHolder, PairIdentity } from './identity.js';
import type { Chained, RecordReport } from './page-steps.js';

/** A subscription by which the standby receives from the primary. */
export interface ForwardSubscription {
  name: string;
  slot: string;
}

export interface PromotionCheckInput {
  identity: PairIdentity;
  fence: FencePolicy;
  failback: boolean;
}

export interface PromotionCheckReport {
  findings: PromotionFinding[];
  subscriptions: ForwardSubscription[];
  /** Of the way back: what is published on the standby, as `schema.table`, quoted. Empty without a way back. */
  tables: number;
}

/** A setting of a role in the database, null where there is none. */
export interface RoleSetting {
  role: string;
  value: string | null;
}

/** How the database's transactions begin by default, as it is set for the database and, in it, for single roles. */
export interface ReadOnlySettings {
  database: string | null;
  roles: RoleSetting[];
}

/** Who may connect by an entry of the database's own access list; null is PUBLIC. */
export interface ConnectGrant {
  role: string | null;
  grantable: boolean;
}

/** What a fence changes, as it was before: undoing it puts back exactly this. */
export interface FenceMemory {
  readOnly: ReadOnlySettings;
  /** Null where the fence leaves the right to connect alone. */
  connect: {
    /** Taken away by the fence. */
    revoked: ConnectGrant[];
    /** Roles that had the right through others, and get it by name. */
    granted: string[];
  } | null;
}

export interface FenceInput {
  identity: PairIdentity;
  fence: FencePolicy;
}

export interface RaiseFenceInput extends FenceInput {
  memory: FenceMemory;
}

export interface EndWritersInput extends FenceInput {
  /** Milliseconds that it may take. */
  withinMs: number;
  /** Of a rehearsal: nobody is ended, only counted. */
  dry: boolean;
}

export interface EndWritersReport {
  /** The primary's WAL position after the last writer had gone. */
  lsn: string;
  /** How many sessions were ended, or, in a rehearsal, would be. */
  sessions: number;
  /** By the primary's clock: a session that began earlier may not know of the fence. */
  fencedAt: string;
}

export interface ConfirmFenceInput extends FenceInput {
  slots: string[];
  withinMs: number;
  /** The position to be confirmed; null to look for writers once more, and to take the position of now. */
  lsn: string | null;
  fencedAt: string;
  dry: boolean;
}

export interface ConfirmFenceReport {
  lsn: string;
  /** The least that any of the slots has confirmed. */
  confirmedLsn: string;
}

/** The publication and slot on the standby, and the subscription on the primary. */
export interface WayBackNames {
  publication: string;
  slot: string;
  subscription: string;
}

export interface WayBackInput {
  identity: PairIdentity;
  names: WayBackNames;
}

export interface EnableWayBackInput extends WayBackInput {
  withinMs: number;
}

/** What opening the standby changes, as it was before. */
export interface OpeningMemory {
  readOnly: ReadOnlySettings;
  /** Where an earlier fence of this database is on record: what it had been before. */
  before: FenceMemory | null;
}

export interface OpenStandbyInput {
  identity: PairIdentity;
  subscriptions: ForwardSubscription[];
  memory: OpeningMemory;
  /** Of the way back: what the standby received before it was open is not to go back. */
  slot: string | null;
}

export interface ReleaseInput {
  identity: PairIdentity;
  subscriptions: ForwardSubscription[];
  names: WayBackNames;
}

/** A pair whose clients are to be moved, and where they go. */
export interface MovedPair {
  pair: string;
  standby: { host: string; port: number; database: string };
}

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
export type FleetVerdict = 'switch' | 'undo';

export interface PromotionActivities {
  /** The record of a run that has handed off, as its query `status` answers. Throws NotReady if the run did not complete. */
  readApprovedRun(input: { run: ApprovedRun }): Promise<RunResult>;
  /**
   * Ends a fleet of promotions that does not answer, so that it decides nothing any more, and reads from its history what it had decided. Without
   * an order to switch that is `undo`.
   */
  settleFleet(input: { fleet: ApprovedRun }): Promise<FleetVerdict>;
  /** Privileges for all that follows, and what stands in the way of a fence. Changes nothing. */
  checkPromotion(input: PromotionCheckInput): Promise<PromotionCheckReport>;
  /** The outage that the latest rehearsal of the pair predicted, in milliseconds; null without one. */
  readPrediction(input: { identity: PairIdentity }): Promise<number | null>;
  prepareWayBack(input: WayBackInput): Promise<void>;
  removeWayBack(input: WayBackInput): Promise<void>;
  readFence(input: FenceInput): Promise<FenceMemory>;
  raiseFence(input: RaiseFenceInput): Promise<void>;
  liftFence(input: RaiseFenceInput): Promise<void>;
  endWriters(input: EndWritersInput): Promise<EndWritersReport>;
  confirmFence(input: ConfirmFenceInput): Promise<ConfirmFenceReport>;
  readOpening(input: { identity: PairIdentity }): Promise<OpeningMemory>;
  openStandby(input: OpenStandbyInput): Promise<void>;
  closeStandby(input: OpenStandbyInput): Promise<void>;
  moveTraffic(input: { call: HttpCall } & (MovedPair | { pairs: MovedPair[] })): Promise<void>;
  enableWayBack(input: EnableWayBackInput): Promise<void>;
  /** The old direction, which the way back replaces: its slots are dropped, so that they do not keep WAL for ever. */
  releaseForward(input: ReleaseInput): Promise<void>;
  recordPromotion(input: PromotionRecord): Promise<RecordReport>;
}
