import type { Mode } from '../../src/contract/input.js';
import type { Counts, Finding, Headroom } from '../../src/contract/status.js';
import type { PageRange, PairIdentity, Policy } from '../../src/steps/identity.js';
import type { RecordInput } from '../../src/steps/page-steps.js';
import type { MeasuredBuffers } from '../../src/sequences/measured-buffer.js';
import type { WatchedSequence } from '../../src/sequences/watch-list.js';

/** One page of sequences, and what is to be done with it. */
export interface PageTask {
  identity: PairIdentity;
  mode: Mode;
  policy: Policy;
  primaryMaxConnections: number;
  range: PageRange;
  /** Targets come from evidence; absent where the primary is read. */
  primary?: 'lost';
  /** Set each sequence by a step of its own, so that history reads sequence by sequence. */
  individually: boolean;
  run: RecordInput['run'];
  round: number;
  /** False where the round is not to be written to the ledger; absent: it is. */
  ledger?: boolean;
  /** What earlier rounds have made of the sequences of this page, packed by `packOutcomes`, and maybe of others. */
  earlier?: string[];
}

/** What a page tells its run: bounded, never its rows. */
export interface PageReport {
  counts: Counts;
  findings: Finding[];
  minimumHeadroom: Headroom | null;
  watched: WatchedSequence[];
  /** Null where the policy measures nothing. */
  measured: MeasuredBuffers | null;
  verifiedAt: string | null;
  primaryReadAt: string | null;
  /** Why the ledger could not be written; null when it was, or is off. */
  ledgerUnavailable: string | null;
  /** In the mode failover: where the primary stood, packed as in `LastReadings`; absent where an older worker answered. */
  readings?: string[];
  /** The sum of where all sequences of the page stand; absent from an older worker. */
  standings?: string;
  /** What became of each, packed by `packOutcomes`; only from a page of its own. */
  outcomes?: string;
}
