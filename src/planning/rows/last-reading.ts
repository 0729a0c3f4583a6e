/** The positions of a sequence when both sides were last read. */
export interface LastReading {
  /** The oid on the standby. */
  oid: number;
  /** The primary's next value. Null if the sequence was not compared: the primary has none of this name, or it is not selected. */
  primaryNext: bigint | null;
  /** The effective buffer, in calls. */
  buffer: bigint;
  /**
   * The standby's next value, if the primary may have been read again since: with this value the sequence was ahead at each of those
   * readings. Null if `primaryNext` is the last reading.
   */
  standbyNext: bigint | null;
  /** Set if the primary's sequence may have wrapped around. Rows of an older worker never have it. */
  goesRound?: true;
}

/**
 * Up to this number of sequences, each recheck returns the primary's position of every sequence, which takes about 4 bytes per sequence in
 * the history. Above it, a recheck returns only the sequences whose position on the standby has changed: see docs/decisions/0024.
 */
export const EXACT_UP_TO = 5_000;
