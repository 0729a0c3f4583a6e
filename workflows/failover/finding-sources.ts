/**
 * Where the findings of a run come from: what a source says replaces what it said before. A round, or a recheck of both sides, begins
 * with nothing from the sources that are `cleared`: it finds again whatever still stands.
 */
const SOURCES = {
  /** The check of both servers, and of the patterns, with which a round begins. */
  readiness: { cleared: false },
  /** What the pages of a round, or a recheck of both sides, say of single sequences. */
  pages: { cleared: false },
  /** A side that could not be read by a recheck. */
  watch: { cleared: true },
  replication: { cleared: false },
  /** Subscriptions that are gone. */
  subscriptions: { cleared: false },
  handoff: { cleared: false },
  ledger: { cleared: false },
  /** Sequences that a recheck of both sides found behind. */
  'top-up': { cleared: true },
  /** Sequences that a recheck of the standby alone found behind. */
  'own-rows': { cleared: true },
  /** What else a recheck of the standby alone found, the primary being lost. */
  standby: { cleared: true },
  /** What earlier rounds have made of the sequences, where it could not be carried on. */
  counts: { cleared: false },
  /** Rows that could not be compared with what was recorded. */
  record: { cleared: false },
  consumption: { cleared: true },
} as const;

export type FindingSource = keyof typeof SOURCES;

export const CLEARED_BY_READING_BOTH = (Object.keys(SOURCES) as FindingSource[]).filter(
  (source) => SOURCES[source].cleared,
);
