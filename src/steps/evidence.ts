import type { Reading } from '../sequences/consumption.js';

/** What the ledger has of one sequence of a lost primary. */
export interface RecordedEvidence {
  /** Where the primary stood when it was read, the latest first; empty for never. */
  readings: readonly Reading[];
  /** Where the run that recorded it last put it; null where that run did not get it ahead. */
  own: OwnMove | null;
  /** Whether the latest row says that the primary does not have the sequence. */
  isStandbyOnly: boolean;
}

/**
 * A move of a run. As long as the standby's sequence stands where that run put it, its place says no more than what that run knew of the
 * primary, and another run adds no second buffer.
 */
export interface OwnMove {
  /** Where the primary stood, or, when it was lost, was presumed to. */
  primaryNext: bigint;
  /** Where the standby's sequence was put. */
  standbyNext: bigint;
}

export const NO_RECORD: RecordedEvidence = { readings: [], own: null, isStandbyOnly: false };

/** The reason of a sequence that is left alone, as rows and the ledger have it: runs without the primary read it there. */
export const ONLY_ON_STANDBY = 'only on the standby';

/** Readings closer together than this, in milliseconds, are no measure of a consumption. */
export const LEAST_MS_APART = 1_000;

/** What the measured consumption is multiplied with, where the buffer's policy names no `safetyFactor`. */
export const SAFETY_FACTOR = 2;
