import type { Finding } from '../contract/status.js';

/**
 * The sources of the findings of a run. New findings of a source replace its earlier ones. A round, or a recheck of both sides, first removes
 * the findings of all sources that are `cleared`, since it finds again what still holds.
 */
const SOURCES = {
  /** The check of both servers, and of the patterns, with which a round begins. */
  readiness: { cleared: false },
  /** Findings of the pages of a round, or of a recheck of both sides, about single sequences. */
  pages: { cleared: false },
  /** A side that could not be read by a recheck. */
  watch: { cleared: true },
  replication: { cleared: false },
  /** Subscriptions that are gone. */
  subscriptions: { cleared: false },
  handoff: { cleared: false },
  ledger: { cleared: false },
  /** The end of the run could not be recorded in the ledger. It never blocks: nobody has to approve any more. */
  closing: { cleared: false },
  /** Sequences that a recheck of both sides found behind. */
  'top-up': { cleared: true },
  /** Sequences that a recheck of the standby alone found behind. */
  'own-rows': { cleared: true },
  /** Other findings of a recheck of the standby alone, when the primary is lost. */
  standby: { cleared: true },
  /** The outcomes of earlier rounds were too many to be passed on. */
  counts: { cleared: false },
  /** Rows that could not be compared with what was recorded. */
  record: { cleared: false },
  consumption: { cleared: true },
} as const;

export type FindingSource = keyof typeof SOURCES;

/** The findings of a run, by their source. */
export type SourcedFindings = Partial<Record<FindingSource, Finding[]>>;

export const CLEARED_BY_READING_BOTH = (Object.keys(SOURCES) as FindingSource[]).filter(
  (source) => SOURCES[source].cleared,
);
