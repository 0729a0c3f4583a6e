/** Sequences in the form that passes between workflows and activities. Values are decimal strings. */
import type { ConsumptionText } from '../sequences/consumption.js';
import type { Outcome, PageAddress, SequenceRow } from '../contract/status.js';
import type { ReadObstacle, ReadProblem } from './read-problem.js';
import type { Table } from './table.js';

/** The positions of a page's sequences at one time: `[oid, next value]` for each that could be read. */
export interface PrimarySample {
  positions: [oid: number, next: string][];
  /** The time after the last of them was read. */
  at: string;
}

/** A sequence of the primary as it was read. */
export interface PrimarySequence {
  schema: string;
  name: string;
  sequence: string;
  oid: number;
  increment: string;
  min: string;
  max: string;
  cache: string;
  cycle?: true;
  /** Its START; absent if that is `min`, or, with a negative increment, `max`. */
  start?: string;
  /** Absent if `problem` says why it could not be read. */
  last?: string;
  called?: boolean;
  /** The columns that it feeds, as schema.table.column, quoted if any supported version needs it; absent if there are none. */
  feeds?: string[];
  /** Those of `feeds` whose default may change the values, such as `nextval(…) * 10`. Absent if there are none, and from older workers. */
  byExpression?: string[];
  /** The furthest value in any fed column, in the direction of the increment; null if there is no value; absent without a fed column. */
  furthest?: string | null;
  /** Why the rows of the fed columns were not read. */
  dataNotChecked?: ReadObstacle;
  /** Its measured consumption; absent if there was none, or if it was not measured. */
  rate?: ConsumptionText;
  extension?: string;
  temporary?: true;
  problem?: ReadProblem;
}

/** What is presumed of a sequence of a primary that is lost. Nothing of it was read there. */
export interface PresumedPrimary extends Omit<PrimarySequence, 'oid'> {
  oid?: never;
}

/** The sequence of the primary that a sequence of the standby is compared with. */
export type PrimaryOrPresumed = PrimarySequence | PresumedPrimary;

/** The names of a sequence: unquoted in two parts, and quoted in one. */
export type SequenceNames = Pick<PrimarySequence, 'schema' | 'name' | 'sequence'>;

/** A page of the primary's sequences, in packed form. */
export interface PrimaryPage {
  sequences: Table<PrimarySequence>;
  /** The time before the first of them was read. */
  readAt: string;
}

/** A row with the oids of its sequence. */
export interface IdentifiedRow extends SequenceRow {
  /** The oid on the standby. Absent if the sequence is not there, or if an older worker recorded the row. */
  oid?: number;
  /** The oid on the primary. Absent if the sequence is not there, or if the primary was not read. */
  primaryOid?: number;
}

/** The plan for one sequence; its `outcome` tells the kind. */
export type PlannedSequence = SequenceToSet | SequenceToKeep | BlockedSequence | SkippedSequence;

/** Fields of every plan that do not depend on its kind. */
interface PlanFields extends IdentifiedRow {
  /** The primary's sequence has CYCLE, or its next value is before its START: it may have wrapped around, so that old rows lie ahead. */
  goesRound?: true;
  /** The measured buffer in calls, before it is adjusted for caches and bounds. Absent unless it is above its minimum. */
  measured?: string;
}

/** Fields of a plan with a target. */
interface PlanWithTarget extends PlanFields {
  standbyBefore: string;
  target: string;
  standbyNext: string;
  buffer: string;
  oid: number;
  increment: string;
}

/** A sequence that has to be set on the standby. */
export interface SequenceToSet extends PlanWithTarget {
  outcome: 'applied';
  /** The third argument of setval. */
  called: boolean;
  /** A row of a fed column lies at or beyond the standby's next value. */
  behindData?: true;
}

/** A sequence that is at or beyond its target already. */
export interface SequenceToKeep extends PlanWithTarget {
  outcome: 'kept';
}

/** A sequence that cannot be set; `reason` says why. */
export interface BlockedSequence extends PlanFields {
  outcome: 'failed';
  reason: string;
  /** Absent if no target was computed. */
  increment?: string;
}

/** A sequence that the run leaves alone; `reason` says why. */
export interface SkippedSequence extends PlanFields {
  outcome: 'skipped';
  reason: string;
}

/** A row as the run keeps it. A later recheck compares the sequence with it. */
export interface RecordedRow extends IdentifiedRow {
  /** A digest of its state, see `rowStateDigest`; absent if it is ahead. */
  standing?: string;
  /** It was dropped or renamed, so no later recheck finds it under this name. */
  gone?: true;
  /** It appeared on the standby while the run waited and the primary could not be asked for it. */
  appeared?: true;
}

/** The fields of a recorded row that a later recheck compares. */
export type KnownSequence = Pick<
  RecordedRow,
  'sequence' | 'outcome' | 'oid' | 'primaryOid' | 'standing' | 'gone' | 'appeared'
>;

/** A row that has changed while the run waited; `was` is null for a sequence that had none. */
export interface ChangedRow extends RecordedRow {
  was: Outcome | null;
}

/** The answer of the query `recorded`, by which a recheck learns what a run or one of its pages has recorded. */
export interface RecordedAnswer {
  known: Table<KnownSequence>;
  pages: PageAddress[];
  /** Whether the rows were too long to be carried over a continue-as-new. */
  lost: boolean;
}

/** One setval: nothing is done unless the standby's next value is behind `target`. */
export interface Setting {
  oid: number;
  increment: string;
  target: string;
  called: boolean;
}

/** A sequence to be verified: read on both sides by oid. */
export interface Expectation {
  oid: number;
  primaryOid: number;
  increment: string;
  /** The effective buffer, in calls. */
  buffer: string;
  /** As in {@link SequenceToSet}. */
  goesRound?: true;
}

/** A sequence to be verified against the presumed position of the primary. */
export interface EvidenceExpectation extends Omit<Expectation, 'primaryOid'> {
  primaryNext: string;
}

/**
 * The positions of both sides when they were last read, for rechecks after the primary is lost. Each part's data is base64 of gzip of JSON:
 * `{"oids", "primaryNext", "buffer", "distance"?}`, columns of the same length, see docs/reference/record-format.md.
 */
export interface LastReadings {
  parts: {
    /** The digest of the content of `data`; null if no recheck has reported it. */
    digest: string | null;
    /** Null if it has not changed since the last recheck. */
    data: string | null;
  }[];
}
