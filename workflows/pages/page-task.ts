import type { Mode } from '../../src/contract/input.js';
import type { Counts, Finding, Headroom } from '../../src/contract/status.js';
import type { PageRange, PairIdentity, Policy } from '../../src/steps/identity.js';
import type { Chained, RecordInput } from '../../src/steps/page-steps.js';
import type { MeasuredBuffers } from '../../src/sequences/measured-buffer.js';
import type { WatchedSequence } from '../../src/sequences/watch-list.js';

/** The task of one page. */
export interface PageTask extends Chained {
  identity: PairIdentity;
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
  range: PageRange;
  /** Set if the targets come from evidence. Absent if the primary is read. */
  primary?: 'lost';
  /** Whether each sequence is set by a step of its own, so that the history shows every sequence. */
  individually: boolean;
  run: RecordInput['run'];
  round: number;
  /** False if the round must not be written to the ledger. */
  ledger?: boolean;
  /** The outcomes of earlier rounds for the sequences of this page, and maybe of others, packed by `packOutcomes`. */
  earlier?: string[];
}

/** The report of a page to its run. Its size is bounded, so it never contains the rows. */
export interface PageReport {
  counts: Counts;
  findings: Finding[];
  minimumHeadroom: Headroom | null;
  watched: WatchedSequence[];
  /** Null if the policy measures nothing. */
  measured: MeasuredBuffers | null;
  verifiedAt: string | null;
  primaryReadAt: string | null;
  /** Why the ledger could not be written; null if it was written, or is off. */
  ledgerUnavailable: string | null;
  /** The digest of the recorded rows: docs/reference/record-format.md. Absent if nothing was recorded, or in the report of an older worker. */
  digest?: string;
  /** In the mode failover: the positions of the primary, packed as in `LastReadings`. Absent in the report of an older worker. */
  readings?: string[];
  /** The sum of the digests of all sequences of the page, see `rowStateDigest`. Absent in the report of an older worker. */
  standings?: string;
  /** The outcome of each sequence, packed by `packOutcomes`. Only in the report of a page that is its own workflow. */
  outcomes?: string;
}
