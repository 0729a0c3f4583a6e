/** What a recheck is given, and what it answers. */
import type { Mode } from '../contract/input.js';
import type { Finding } from '../contract/status.js';
import type { WatchedSequence } from '../sequences/watch-list.js';
import type { PageRange, PairIdentity, Policy } from './identity.js';
import type { SubscriptionNames } from './readiness.js';
import type { ChangedRow, LastReadings, SequenceToSet } from './rows.js';
import type { Table } from './table.js';

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
  /**
   * The pages to read, where the primary takes no writes: then both sides are read at once, and the names are not listed first. A sequence that is
   * new falls into one of them. Absent: the names are listed, and the standby's sequences are read before the primary's.
   */
  fenced?: { pages: PageRange[] };
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
  topUps: SequenceToSet[];
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
