import type { RunInput } from '../../src/contract/input.js';
import type {
  Counts,
  Ending,
  HandoffTarget,
  Headroom,
  PageAddress,
  Phase,
} from '../../src/contract/status.js';
import type { Searchable } from '../../src/contract/search-attributes.js';
import type { SourcedFindings } from '../../src/findings/finding-sources.js';
import { NO_SEQUENCES } from '../../src/contract/counts.js';
import type { PageRange } from '../../src/steps/identity.js';
import type { ReadinessReport, SubscriptionDetail, WorkerSettings } from '../../src/steps/readiness.js';
import type { LastReadings, RecordedRow } from '../../src/steps/rows.js';
import type { MeasuredBuffers } from '../../src/sequences/measured-buffer.js';
import type { WatchedSequence } from '../../src/sequences/watch-list.js';
import type { ChecklistStep } from './checklist.js';

import type { NotifiedMemory } from './notified.js';
import type { GateMemory } from './gate-memory.js';

/**
 * The version that this code writes. It is raised when a field is added or changes its meaning. It names the version of the worker that
 * wrote the memory last: an older worker keeps the fields of a newer one that it does not know, but writes its own version.
 */
export const MEMORY_VERSION = 1;

/** The readiness report, without the parts that are kept elsewhere or are no longer needed. */
export type ReadinessMemory = Omit<
  ReadinessReport,
  'pages' | 'findings' | 'replication' | 'subscriptions' | 'startedAt' | 'acceptedAt' | keyof WorkerSettings
>;

/**
 * The state of a run: plain JSON of bounded size, so that a continue-as-new can carry it. A new field is optional, and its absence has a
 * documented meaning; upgrade-memory.ts reads it.
 */
export interface RunMemory {
  version: number;
  input: RunInput | null;
  phase: Phase;
  /** When the phase began. */
  enteredAt: string;
  startedAt: string;
  readiness: ReadinessMemory | null;
  counts: Counts;
  round: number;
  findings: SourcedFindings;
  minimumHeadroom: Headroom | null;
  /** The readings with which the next recheck compares its own, to compute the consumption. */
  watched: WatchedSequence[];
  /** The buffers that the last round measured; null if the policy measures none. */
  measured: MeasuredBuffers | null;
  gate: GateMemory | null;
  /** The time at which each step was done. Steps that do not belong to the mode are absent. */
  checklist: { step: ChecklistStep; at: string | null }[];
  verifiedAt: string | null;
  primaryReadAt: string | null;
  handoff: HandoffTarget | null;
  /** The run ID of the promotion; absent until it was started. */
  promotionRunId?: string;
  /** Absent until the run has ended. */
  ending?: Ending;
  /** The rows of the run if it has up to 2,000 sequences; otherwise those of top-ups and changes, while the workflows of the pages have the others. */
  rows: RecordedRow[];
  pages: PageAddress[];
  /** The pages of the previous round, until a recheck has compared their rows with the present sequences. */
  earlierPages?: PageAddress[];
  /** The sum of the sequences' digests (see `rowStateDigest`) when their rows were last compared; null or absent if it is not known. */
  standings?: string | null;
  /** The outcome of each sequence in the whole run, packed by `packOutcomes`. Only for pages that are workflows of their own. */
  outcomes?: { range: PageRange; packed: string }[];
  /** The digests of records that no later record names yet; absent if there are none, or only older workers have recorded. */
  digests?: string[];
  /** The digest of the whole record; absent until it is closed. */
  recordDigest?: string;
  /** The last report to the fleet; absent without a fleet. */
  toldFleet?: string;
  /** Absent if there are no notifications. */
  notified?: NotifiedMemory;
  /** The search attributes that the namespace has; absent if there are none, or no worker has said so. */
  searchable?: Searchable[];
  /** The last reading of the primary, in case it is lost; absent if only older workers have read it. */
  readings?: LastReadings;
  /** The names of the subscriptions to the primary that were seen so far; absent if only older workers have read them. */
  subscriptions?: string[];
  /** The slots and publications of these subscriptions, as far as they are known; absent if only older workers have read them. */
  subscriptionDetails?: SubscriptionDetail[];
}

/** The results of the last verification of a round, over all sequences. */
export type RoundReading = Required<
  Pick<RunMemory, 'minimumHeadroom' | 'watched' | 'measured' | 'readings' | 'primaryReadAt' | 'verifiedAt'>
>;

/** The state of a run that has only begun, or whose input is invalid. */
export function freshMemory(startedAt: string): RunMemory {
  return {
    version: MEMORY_VERSION,
    input: null,
    phase: 'checking',
    enteredAt: startedAt,
    startedAt,
    readiness: null,
    counts: NO_SEQUENCES,
    round: 0,
    findings: {},
    minimumHeadroom: null,
    watched: [],
    measured: null,
    gate: null,
    checklist: [],
    verifiedAt: null,
    primaryReadAt: null,
    handoff: null,
    rows: [],
    pages: [],
  };
}

/** The handoff as the status shows it: without the fields that only the promotion needs. */
export function targetOf(handoff: RunInput['handoff']): HandoffTarget | null {
  if (handoff === null) return null;
  const { workflowType, taskQueue, workflowId } = handoff;
  return { workflowType, taskQueue, workflowId };
}
