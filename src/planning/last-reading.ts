/** Where a sequence of the standby stood when both sides were last read. */
export interface LastReading {
  /** Of the standby. */
  oid: number;
  /** The primary's next value; null where the sequence was not compared, since the primary has none of its name or it is not selected. */
  primaryNext: bigint | null;
  /** The effective buffer, in calls. */
  buffer: bigint;
  /**
   * The standby's own next value, where the primary may have been read again since then: the sequence was ahead with this value each time.
   * Null where `primaryNext` is the last reading.
   */
  standbyNext: bigint | null;
  /** Whether the primary's sequence goes round; absent where it does not, or where an older worker has read it. */
  goesRound?: true;
}

/**
 * Up to so many sequences, each recheck tells where the primary stands; it takes some 4 bytes a sequence in the history. Above that it tells
 * only of those that the standby has moved since: see docs/decisions/0024.
 */
export const EXACT_UP_TO = 5_000;
