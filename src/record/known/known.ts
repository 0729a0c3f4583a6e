import type { Counts, Headroom, Severity } from '../../contract/status.js';

/** The state of a run at one moment, as its status would have shown it. */
export interface Known {
  /** Of the sequences; null before the first round has ended, and if the history begins later than the run. */
  counts: Counts | null;
  /** Of the last check; null if there was none yet. */
  minimumHeadroom: (Headroom & { pair?: string }) | null;
  /** The findings that stood, blocks first: one entry for each severity and code. */
  findings: KnownFinding[];
  /** The times of the last reading of the primary and the last verification of the standby. */
  primaryReadAt: string | null;
  verifiedAt: string | null;
  /** Whole seconds from that verification to the moment; null if nothing was verified yet. */
  proofAgeSeconds: number | null;
}

export interface KnownFinding {
  severity: Severity;
  code: string;
  /** Null if it is about several sequences, or about none. */
  sequence: string | null;
  /** How many sequences, tables or other things it is about. */
  count: number;
}
