import type { Reading } from '../sequences/consumption.js';

/** The evidence in the ledger about one sequence of a lost primary. */
export interface RecordedEvidence {
  /** The positions of the primary at each reading, the latest first; empty if it was never read. */
  readings: readonly Reading[];
  /** The position that the last run in the ledger gave the standby's sequence; null if that run did not get it ahead. */
  own: OwnMove | null;
  /** Whether the primary did not have the sequence, according to the latest row. */
  isStandbyOnly: boolean;
}

/**
 * A run's change of the standby's sequence. If the sequence still stands where that run put it, its position is no new evidence: it says
 * only what that run knew about the primary. So another run adds no second buffer.
 */
export interface OwnMove {
  /** The position of the primary, or its presumed position if it was lost. */
  primaryNext: bigint;
  /** The position that the run gave the standby's sequence. */
  standbyNext: bigint;
}

/** The recorded facts from which a sequence can be created again. */
export interface RecordedDefinition {
  /** The options after its name in CREATE SEQUENCE; empty if all have their defaults. */
  definition: string;
  /** The columns whose default is its nextval, by their quoted names. */
  feeds: readonly string[];
  /**
   * The defaults that are more than its nextval, by the quoted names of their columns, as `pg_get_expr` prints them; null if they are not on
   * record, since an older version recorded the others.
   */
  defaults: Readonly<Record<string, string>> | null;
}

/** The evidence of a sequence that the ledger does not have. */
export const NO_RECORD: RecordedEvidence = { readings: [], own: null, isStandbyOnly: false };

/**
 * The reason for a sequence that is left alone, as it is written in rows and in the ledger. Runs without the primary read it from the
 * ledger.
 */
export const ONLY_ON_STANDBY = 'only on the standby';

/** Two readings closer together than this, in milliseconds, do not measure a rate. */
export const LEAST_MS_APART = 1_000;

/** The factor for the measured rate, if the buffer policy has no `safetyFactor`. */
export const SAFETY_FACTOR = 2;
