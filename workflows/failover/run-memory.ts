import type { RunInput } from '../../src/contract/input.js';
import type {
  Counts,
  Ending,
  Finding,
  HandoffTarget,
  Headroom,
  PageAddress,
  Phase,
} from '../../src/contract/status.js';
import type { Searchable } from '../../src/contract/search-attributes.js';
import type { PageRange } from '../../src/steps/identity.js';
import type { ReadinessReport, SubscriptionDetail, WorkerSays } from '../../src/steps/readiness.js';
import type { LastReadings, RecordedRow } from '../../src/steps/rows.js';
import type { MeasuredBuffers } from '../../src/sequences/measured-buffer.js';
import type { WatchedSequence } from '../../src/sequences/watch-list.js';
import type { ChecklistStep } from './checklist.js';
import type { FindingSource } from './finding-sources.js';
import type { NotifiedMemory } from './notified.js';
import type { GateMemory } from './gate-memory.js';

/**
 * The version that this code writes. It is raised when a field is added or gets a meaning, and stands for what was written last: an
 * older worker that passes on a newer memory keeps the fields that it does not know, and writes its own version.
 */
export const MEMORY_VERSION = 1;

/** Without what is kept elsewhere, or is needed no more. */
export type ReadinessMemory = Omit<
  ReadinessReport,
  'pages' | 'findings' | 'replication' | 'subscriptions' | keyof WorkerSays
>;

/**
 * What a run knows: plain JSON, bounded, so that a continue-as-new can carry it. A new field is optional, with a meaning where it is
 * absent; upgrade-memory.ts reads it.
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
  /** By where they come from, so that a later look replaces an earlier one. */
  findings: Partial<Record<FindingSource, Finding[]>>;
  minimumHeadroom: Headroom | null;
  /** What the next look compares its readings with. */
  watched: WatchedSequence[];
  /** What the last round measured; null where the policy measures nothing. */
  measured: MeasuredBuffers | null;
  gate: GateMemory | null;
  /** When each step was done; a step that does not belong to the mode is absent. */
  checklist: { step: ChecklistStep; at: string | null }[];
  verifiedAt: string | null;
  primaryReadAt: string | null;
  handoff: HandoffTarget | null;
  /** Of the promotion that was started; absent before. */
  promotionRunId?: string;
  /** Absent until the run has ended. */
  ending?: Ending;
  /** The rows of up to 2,000 sequences, or of the last top-up; above that they live in the pages' workflows. */
  rows: RecordedRow[];
  pages: PageAddress[];
  /** Of the round before, as long as no recheck has compared what it had recorded with what there is now. */
  earlierPages?: PageAddress[];
  /** The sum of where the sequences stood when their rows were last compared; null or absent: it is not known. */
  standings?: string | null;
  /** What became of each sequence in the whole run, packed by `packOutcomes`; of pages that are workflows of their own. */
  outcomes?: { range: PageRange; packed: string }[];
  /** What a fleet was told last; absent without a fleet. */
  toldFleet?: string;
  /** Absent if nobody is notified. */
  notified?: NotifiedMemory;
  /** The search attributes that the namespace has; absent if there are none, or no worker has said so. */
  searchable?: Searchable[];
  /** Where the primary was last read, for the time when it is lost; absent where only older workers have read it. */
  readings?: LastReadings;
  /** The subscriptions to the primary that were seen so far, by name; absent where only older workers have looked. */
  subscriptions?: string[];
  /** The slots and publications of those of them that were told; absent where only older workers have looked. */
  subscriptionDetails?: SubscriptionDetail[];
}

/** What a round has read last of all its sequences. */
export type RoundReading = Required<
  Pick<RunMemory, 'minimumHeadroom' | 'watched' | 'measured' | 'readings' | 'primaryReadAt' | 'verifiedAt'>
>;

export const NO_SEQUENCES: Readonly<Counts> = { total: 0, applied: 0, kept: 0, skipped: 0, failed: 0 };

/** Of a run whose input did not pass: it knows only that it began. */
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

/** Without what is for the promotion alone, which the status need not repeat. */
export function targetOf(handoff: RunInput['handoff']): HandoffTarget | null {
  if (handoff === null) return null;
  const { workflowType, taskQueue, workflowId } = handoff;
  return { workflowType, taskQueue, workflowId };
}
