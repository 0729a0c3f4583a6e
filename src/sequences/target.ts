import { type Bound, tightestBound } from './bounds.js';
import { cachedCalls } from './cached-calls.js';
import { firstInPhase, hasOwnPhase, isSamePhase, startOf } from './phase.js';
import { judgeRows, type RowsAhead, type RowsChoice, type RowsProblem, type RowsVerdict } from './rows.js';
import { restartClause, settingFor } from './setting.js';
import { atOrBeyond, callsUntil, nextValue, valueAfterLast } from './sequence.js';
import type { ColumnLimit, Definition, Position } from './sequence.js';

/** One sequence on one side. */
export interface SequenceState {
  position: Position;
  definition: Definition;
}

/** The facts about a sequence from which its target is computed. */
export interface TargetInput {
  primary: SequenceState;
  standby: SequenceState;
  /** The limits of the columns that the sequence feeds on the standby. */
  columns: readonly ColumnLimit[];
  /** Calls of nextval, 0 or more. */
  buffer: bigint;
  /** SHOW max_connections on the primary: the number of sessions that may each take a cache of values. */
  primaryMaxConnections: bigint;
  /**
   * The furthest value in any column that the sequence feeds, on either side, in the direction of the increment. Null if there
   * are no rows, or they were not read.
   */
  furthest: bigint | null;
  /** The first row on the standby from a target on. Null until it was read, which is needed after the outcome `outlier`. */
  ahead?: RowsAhead | null;
  /** A person's decision about rows at or beyond the target; null if there is none. */
  rows?: RowsChoice | null;
  /** Whether the sequence may be moved past rows without the limit {@link mostCallsPastRows}. */
  anyJump?: boolean;
}

/** A remark about a target, which becomes a finding. Counts are calls of nextval. */
export type TargetNote =
  /** Sessions take `cache` values at once. `from` is the requested buffer, `to` the buffer that also covers the caches. */
  | { kind: 'cached'; cache: bigint; from: bigint; to: bigint }
  /** Only `remaining` calls are left from the primary's next value up to the bound. */
  | { kind: 'bufferReduced'; from: bigint; to: bigint; remaining: bigint; bound: Bound }
  /** There are rows at or beyond the target `from`, so it was raised to `to`. */
  | { kind: 'behindData'; furthest: bigint; from: bigint; to: bigint }
  /** There are rows at or beyond the target, up to `furthest`, and a person decided to ignore them. */
  | { kind: 'rowsIgnored'; furthest: bigint }
  /**
   * The sequence wrapped around. The first of the old rows ahead is `calls` calls from where the sequence stands on the standby in the end: its
   * present next value, or the target if that is further. Null if there is none.
   */
  | { kind: 'rowsBeforeWrap'; first: bigint | null; calls: bigint | null }
  /** The standby has its own phase and keeps it: `standby` is the first value of this phase at or beyond `primary`. */
  | { kind: 'ownPhase'; primary: bigint; standby: bigint }
  /** A side has CYCLE, so its values may repeat. */
  | { kind: 'cycles' }
  /** The effective buffer is 0: one call on the primary puts the standby behind. */
  | { kind: 'noHeadroom' }
  /** The primary's own limit leaves fewer calls than the buffer; the standby has more. */
  | { kind: 'primaryLimit'; limit: bigint; remaining: bigint }
  /** From `next` on, fewer calls than the buffer are left up to the bound: the standby is there already, or is moved there, past rows. */
  | { kind: 'standbyNearBound'; next: bigint; remaining: bigint; bound: Bound };

interface Computed {
  /** The value that the next call of nextval returns; beyond the limits if the sequence is used up. */
  primaryNext: bigint;
  standbyNext: bigint;
  /** The effective buffer, in calls of nextval: raised for caches, reduced to the bound. */
  buffer: bigint;
  notes: TargetNote[];
}

/** The plan for a sequence. `target` is the next value that it should have on the standby. */
export type Target =
  /** The sequence has to be set by `setval(sequence, value, called)`. */
  | (Computed & {
      outcome: 'apply';
      target: bigint;
      value: bigint;
      called: boolean;
      /** True if the target was raised past rows, and the standby's present next value is not past them. Otherwise absent. */
      isBehindRows?: true;
    })
  /** The standby is at or beyond the target already. */
  | (Computed & { outcome: 'keep'; target: bigint })
  /** The next value of `side` is beyond the bound, so that an insert on the standby would fail whatever is set. */
  | (Computed & { outcome: 'exhausted'; side: 'primary' | 'standby'; bound: Bound; target: null })
  /**
   * A person has to decide how the rows count, and nothing is set. `target` is the target from the primary alone, `pastData` the
   * target beyond the furthest row. If the first row from `from` on is read, a second computation may find a target.
   */
  | (Computed & {
      outcome: 'outlier';
      target: bigint;
      furthest: bigint;
      pastData: bigint;
      from: bigint;
      problem: RowsProblem;
      /**
       * If the standby is already beyond `target`: the clause of ALTER SEQUENCE with which a person can lower it. Otherwise null.
       */
      restart: string | null;
    });

/** A target that cannot be set. */
export type BlockedTarget = Extract<Target, { outcome: 'exhausted' | 'outlier' }>;

/** Whether nothing can be set. */
export function isBlocked(target: Target): target is BlockedTarget {
  return target.outcome === 'exhausted' || target.outcome === 'outlier';
}

/**
 * Computes the target of a sequence on the standby. It is `buffer` calls ahead of the primary, in the standby's own phase if it
 * has one, otherwise in the primary's, within the limits of the standby's sequence and columns, past the existing rows, and
 * never lower than the standby's present next value.
 *
 * @throws RangeError if the increments differ (such a sequence is never set), or are 0, or if the buffer or the
 * number of connections is negative.
 */
export function computeTarget(input: TargetInput): Target {
  const { primary, standby, columns } = input;
  const increment = sharedIncrement(input);
  const notes: TargetNote[] = [];
  const primaryNext = nextValue(primary.position, increment);
  const standbyNext = nextValue(standby.position, increment);
  const furthestNext = primaryNext > standbyNext === increment > 0n ? primaryNext : standbyNext;
  const bound = tightestBound(standby.definition, columns, furthestNext);

  if (primary.definition.cycle || standby.definition.cycle) notes.push({ kind: 'cycles' });
  const first = firstTarget(input, increment);
  if (!isSamePhase(first, primaryNext, increment))
    notes.push({ kind: 'ownPhase', primary: primaryNext, standby: first });
  const wanted = coverCaches(input, notes);

  // With CYCLE, a standby beyond its bound would return its first values again, which are used already.
  const remaining = callsUntil(bound.value, first, increment);
  const standbyRemaining = callsUntil(bound.value, standbyNext, increment);
  if (remaining === 0n || standbyRemaining === 0n) {
    const side = remaining === 0n ? 'primary' : 'standby';
    return { outcome: 'exhausted', side, primaryNext, standbyNext, buffer: 0n, notes, bound, target: null };
  }

  const buffer = withinBound(wanted, remaining, bound, notes);
  notePrimaryLimit(primary.definition, primaryNext, buffer, notes);

  const aheadOfPrimary = first + buffer * increment;
  const rows = judgeRows({
    increment,
    target: aheadOfPrimary,
    standbyNext,
    furthest: input.furthest,
    ahead: input.ahead ?? null,
    choice: input.rows ?? null,
    bound,
    buffer,
    mostCalls: input.anyJump === true ? null : mostCallsPastRows(wanted),
    goesRound: standby.definition.cycle || goesRound(primary.definition, primaryNext),
    beginsAgainAt: standby.definition.cycle ? valueAfterLast(standby.definition) : null,
  });
  return withRows(input, { primaryNext, standbyNext, buffer, notes }, { aheadOfPrimary, rows, bound });
}

/** The buffer, or half of the calls that are left up to the bound if that is less. */
function withinBound(wanted: bigint, remaining: bigint, bound: Bound, notes: TargetNote[]): bigint {
  const buffer = wanted > remaining / 2n ? remaining / 2n : wanted;
  if (buffer < wanted) notes.push({ kind: 'bufferReduced', from: wanted, to: buffer, remaining, bound });
  if (buffer === 0n) notes.push({ kind: 'noHeadroom' });
  return buffer;
}

/** The target that is the buffer ahead of the primary, moved past the rows or stopped by them. */
function withRows(
  input: TargetInput,
  computed: Computed,
  { aheadOfPrimary, rows, bound }: { aheadOfPrimary: bigint; rows: RowsVerdict; bound: Bound },
): Target {
  const { primary, standby } = input;
  const { increment } = standby.definition;
  const { standbyNext, buffer, notes } = computed;
  if (rows.kind === 'stop') {
    const { furthest, pastData, from, problem } = rows;
    const restart =
      from === aheadOfPrimary ? null : restartClause(primary.definition, standby.definition, aheadOfPrimary);
    return {
      outcome: 'outlier',
      ...computed,
      target: aheadOfPrimary,
      furthest,
      pastData,
      from,
      problem,
      restart,
    };
  }
  noteRows(rows, aheadOfPrimary, notes);
  const target = rows.kind === 'raise' ? rows.target : aheadOfPrimary;
  const isKept = atOrBeyond(standbyNext, target, increment);
  const next = isKept ? standbyNext : target;
  const remaining = callsUntil(bound.value, next, increment);
  if (remaining < buffer) notes.push({ kind: 'standbyNearBound', next, remaining, bound });
  if (isKept) return { outcome: 'keep', ...computed, target };
  const { lastValue, isCalled } = settingFor(target, primary.position, standby.definition);
  const apply: Target = { outcome: 'apply', ...computed, target, value: lastValue, called: isCalled };
  if (rows.kind === 'raise' && atOrBeyond(rows.furthest, standbyNext, increment)) apply.isBehindRows = true;
  return apply;
}

/** The largest jump past rows without a person's decision, in calls: the buffer, or {@link LEAST_JUMP} if that is more. */
export function mostCallsPastRows(buffer: bigint): bigint {
  return buffer < LEAST_JUMP ? LEAST_JUMP : buffer;
}

/** With a small buffer, too, a few rows that somebody inserted by hand need no decision. */
const LEAST_JUMP = 1_000n;

/** The target without a buffer: the primary's next value, or the first value at or beyond it in the standby's own phase. */
function firstTarget({ primary, standby }: TargetInput, increment: bigint): bigint {
  const primaryNext = nextValue(primary.position, increment);
  if (!hasOwnPhase(primary.definition, standby)) return primaryNext;
  return firstInPhase(primaryNext, nextValue(standby.position, increment), increment);
}

/** Whether the sequence has wrapped around, by the definition and position of the primary alone: old rows may be ahead of it. */
export function goesRound(definition: Definition, next: bigint): boolean {
  return definition.cycle || isBeforeStart(definition, next);
}

/** A sequence whose next value is before its START was restarted there, for example because it had reached the end of integer. */
function isBeforeStart(definition: Definition, next: bigint): boolean {
  return !atOrBeyond(next, startOf(definition), definition.increment);
}

function noteRows(rows: Exclude<RowsVerdict, { kind: 'stop' }>, from: bigint, notes: TargetNote[]): void {
  switch (rows.kind) {
    case 'clear':
      return;
    case 'raise':
      notes.push({ kind: 'behindData', furthest: rows.furthest, from, to: rows.target });
      return;
    case 'ignore':
      notes.push({ kind: 'rowsIgnored', furthest: rows.furthest });
      return;
    case 'rowsBeforeWrap':
      notes.push(rows);
  }
}

function sharedIncrement({ primary, standby, buffer, primaryMaxConnections }: TargetInput): bigint {
  const { increment } = primary.definition;
  if (increment === 0n) throw new RangeError('increment is 0: expected a sequence that moves');
  if (increment !== standby.definition.increment) {
    throw new RangeError(
      `increment is ${increment.toString()} on the primary, ${standby.definition.increment.toString()} on the standby: ` +
        'sequences whose increments differ have no target',
    );
  }
  if (buffer < 0n) throw new RangeError(`buffer is ${buffer.toString()} calls: expected 0 or more`);
  if (primaryMaxConnections < 0n) {
    throw new RangeError(
      `max_connections of the primary is ${primaryMaxConnections.toString()}: expected 0 or more`,
    );
  }
  return increment;
}

function coverCaches(
  { primary, standby, buffer, primaryMaxConnections }: TargetInput,
  notes: TargetNote[],
): bigint {
  const caches = [primary.definition.cache, standby.definition.cache];
  const largest = caches.reduce((one, other) => (one > other ? one : other));
  if (largest <= 1n) return buffer;
  const least = cachedCalls(primary.definition, primaryMaxConnections);
  const covered = buffer < least ? least : buffer;
  notes.push({ kind: 'cached', cache: largest, from: buffer, to: covered });
  return covered;
}

/** Only a warning: if the primary runs out of values, that is a reason to move to a standby with a larger type. */
function notePrimaryLimit(definition: Definition, next: bigint, buffer: bigint, notes: TargetNote[]): void {
  const limit = tightestBound(definition, []).value;
  const remaining = callsUntil(limit, next, definition.increment);
  if (remaining === 0n || remaining < buffer) notes.push({ kind: 'primaryLimit', limit, remaining });
}
