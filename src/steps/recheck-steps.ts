/** Input and result of a recheck. */
import type { Mode } from '../contract/input.js';
import type { Finding } from '../contract/status.js';
import type { WatchedSequence } from '../sequences/watch-list.js';
import type { PageRange, PairIdentity, Policy } from './identity.js';
import type { SubscriptionNames, TablesState } from './readiness.js';
import type { ChangedRow, LastReadings, SequenceToSet } from './rows.js';
import type { Table } from './table.js';

export interface RecheckInput {
  identity: PairIdentity;
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
  /** The watch list of the recheck before. */
  watched: WatchedSequence[];
  /**
   * Whether to find sequences of the standby that somebody changes meanwhile: at the last check before the handoff, and at those that follow
   * if it found some. Absent: false.
   */
  final?: boolean;
  /**
   * Whether, since the approval, the standby has confirmed everything that the primary had written, all subscriptions receive from the
   * primary, and none has a finding. Then the rows of subscribed tables are read on the standby alone. Absent: false.
   */
  confirmed?: boolean;
  /**
   * The pages to read if the primary takes no writes. Then both sides are read at once, and the names are not listed first: a new sequence
   * is on one of these pages. Absent: the names are listed, and the standby is read before the primary.
   */
  fenced?: { pages: PageRange[] };
  /**
   * The tables at the readiness check, which are compared with those of now. Absent: they are not compared, or an older worker scheduled
   * the step.
   */
  tables?: TablesState;
  /** See `AwaitReplicationInput`. */
  leadsToPromotion?: true;
  /** The digest of each part of the run's readings; absent if an older worker scheduled the step. */
  readings?: (string | null)[];
  /**
   * The sum of the digests that the run has recorded. If the sum of this recheck differs, the rows are compared. Null: compare in any case.
   * Absent, from an older worker: do not compare.
   */
  standings?: string | null;
}

/** A recheck of the standby alone: the primary is lost, and the approver accepted that. */
export interface RecheckStandbyInput extends Pick<RecheckInput, 'identity' | 'policy' | 'final'> {
  /** The data of {@link LastReadings}; absent if an older worker scheduled the step. Then nothing is known about the primary. */
  readings?: string[];
  /**
   * Whether to compare with the rows that the run has recorded; absent if an older worker scheduled the step, which would not record the
   * changes.
   */
  compareRows?: boolean;
}

/** Rows that have changed since the run recorded them. */
export interface Changes {
  /** At most 500. */
  rows: Table<ChangedRow>;
  /** The number of further changed rows, which the next recheck reports. */
  more: number;
  /** Why some sequences could not be compared; null if all were compared. */
  unknown: string | null;
}

/** The result of a recheck of every sequence on both sides. It contains only what has to be done. */
export interface RecheckReport {
  /** The number of sequences on either side. */
  total: number;
  /** Sequences behind half of their buffer, at most 500. */
  topUps: SequenceToSet[];
  /** The number of sequences that need a top-up. */
  behind: number;
  /** The findings if a top-up does not help: NOT_AHEAD for each of them. */
  notAhead: Finding[];
  findings: Finding[];
  minimumHeadroom: { sequence: string; calls: string } | null;
  /** The watch list for the next recheck, with the rates since the previous one. */
  watched: WatchedSequence[];
  /** CONSUMPTION: how long the headroom lasts that will be used up first. */
  consumption: Finding[];
  /** Findings about the subscriptions; absent if an older worker answered. */
  replication?: Finding[];
  subscriptions?: SubscriptionNames;
  /**
   * If the tables differ from those at the readiness check: all findings about tables whose rows the standby lacks, which may be none. Otherwise
   * absent; older workers also left out an empty list.
   */
  tables?: Finding[];
  /** Absent if an older worker answered, or if the primary was not read. */
  readings?: LastReadings;
  /** If the primary was not read: whether its last reading decided; absent if an older worker answered. */
  byLastReading?: boolean;
  /** Null if the primary was not read. */
  primaryReadAt: string | null;
  verifiedAt: string;
  /** The sum of the digests of this reading; absent if an older worker answered, or if the primary was not read. */
  standings?: string;
  /** Absent if nothing has changed. */
  changes?: Changes;
}
