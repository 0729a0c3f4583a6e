import { type Bound, tightestBound } from './bounds.js';
import { firstInPhase, hasOwnPhase, isSamePhase, startOf } from './phase.js';
import { judgeRows, type RowsAhead, type RowsChoice, type RowsProblem, type RowsVerdict } from './rows.js';
import { atOrBeyond, callsUntil, nextValue } from './sequence.js';
import type { ColumnLimit, Definition, Position } from './sequence.js';

/** One sequence on one side. */
export interface SequenceState {
  position: Position;
  definition: Definition;
}

export interface TargetInput {
  primary: SequenceState;
  standby: SequenceState;
  /** What limits the standby's columns that the sequence feeds. */
  columns: readonly ColumnLimit[];
  /** Calls of nextval, 0 or more. */
  buffer: bigint;
  /** SHOW max_connections on the primary: how many sessions may each take a cache of values. */
  primaryMaxConnections: bigint;
  /**
   * The furthest value in any column that it feeds, on either side, in the direction of the increment; null
   * when there is no row, or none was looked at.
   */
  furthest: bigint | null;
  /** The first row of the standby from a target on; null as long as nobody has looked, as `outlier` asks for. */
  ahead?: RowsAhead | null;
  /** What a person said about rows at or beyond the target; null for nothing. */
  rows?: RowsChoice | null;
  /** Whether it may be moved past rows by any number of calls, and not only by {@link mostCallsPastRows}. */
  anyJump?: boolean;
}

/** What deserves to be said about a target. Counts are calls of nextval. */
export type TargetNote =
  /** Sessions take `cache` values at once; `from` is the buffer asked for, `to` the least that covers the caches. */
  | { kind: 'cached'; cache: bigint; from: bigint; to: bigint }
  /** Only `remaining` calls are left from the primary's next value on to the bound. */
  | { kind: 'bufferReduced'; from: bigint; to: bigint; remaining: bigint; bound: Bound }
  /** Rows lie at or beyond the target `from`, which was raised to `to`. */
  | { kind: 'behindData'; furthest: bigint; from: bigint; to: bigint }
  /** Rows up to `furthest` lie at or beyond the target, and a person said that they do not matter. */
  | { kind: 'rowsIgnored'; furthest: bigint }
  /** Rows of an earlier turn lie ahead: the first is so many calls beyond where the standby will stand; null for none. */
  | { kind: 'earlierTurn'; first: bigint | null; calls: bigint | null }
  /** The standby hands out other values than the primary, and keeps to them: `standby` is the first at or beyond `primary`. */
  | { kind: 'ownPhase'; primary: bigint; standby: bigint }
  /** A side has CYCLE, which promises no uniqueness. */
  | { kind: 'cycles' }
  /** The effective buffer is 0: one call on the primary puts the standby behind. */
  | { kind: 'noHeadroom' }
  /** The primary's own limit leaves fewer calls than the buffer, while the standby has room. */
  | { kind: 'primaryLimit'; limit: bigint; remaining: bigint }
  /** The standby is, or is moved past rows, further on than asked, with fewer calls than the buffer left up to the bound. */
  | { kind: 'standbyNearBound'; remaining: bigint; bound: Bound };

interface Computed {
  /** The value that the next call of nextval returns; beyond the limits when the sequence is used up. */
  primaryNext: bigint;
  standbyNext: bigint;
  /** The effective buffer, in calls of nextval: raised for caches, reduced to the bound. */
  buffer: bigint;
  notes: TargetNote[];
  /** Whether the standby's next value is not past the rows that the target clears; absent where it is. */
  isBehindRows?: true;
}

/** What shall become of a sequence; `target` is the next value that the standby shall have. */
export type Target =
  /** To be set by `setval(sequence, value, called)`. */
  | (Computed & { outcome: 'apply'; target: bigint; value: bigint; called: boolean })
  /** The standby is at or beyond the target already. */
  | (Computed & { outcome: 'keep'; target: bigint })
  /** The next value of `side` lies beyond the bound: whatever is set, an insert on the standby would fail. */
  | (Computed & { outcome: 'exhausted'; side: 'primary' | 'standby'; bound: Bound; target: null })
  /**
   * What the rows mean needs a person; `target` is the one that the primary alone asks for, and `pastData` the one beyond
   * the furthest row. Nothing is to be set. With the first row from `from` on, another computation may know better.
   */
  | (Computed & {
      outcome: 'outlier';
      target: bigint;
      furthest: bigint;
      pastData: bigint;
      from: bigint;
      problem: RowsProblem;
      /**
       * What ALTER SEQUENCE needs where the standby already stands beyond the target, since nothing is lowered here; null where it does
       * not.
       */
      restart: string | null;
    });

/**
 * Computes where a sequence of the standby shall stand: `buffer` calls ahead of the primary, in the primary's
 * phase or, where it has one, its own, within what the standby and its columns can hold, past the rows that exist, and never back.
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
  const bound = tightestBound(standby.definition, columns);

  if (primary.definition.cycle || standby.definition.cycle) notes.push({ kind: 'cycles' });
  const first = firstTarget(input, increment);
  if (!isSamePhase(first, primaryNext, increment))
    notes.push({ kind: 'ownPhase', primary: primaryNext, standby: first });
  const wanted = coverCaches(input, notes);

  // A cycling standby beyond its bound would hand out its first values again, which are taken.
  const remaining = callsUntil(bound.value, first, increment);
  const standbyRemaining = callsUntil(bound.value, standbyNext, increment);
  if (remaining === 0n || standbyRemaining === 0n) {
    const side = remaining === 0n ? 'primary' : 'standby';
    return { outcome: 'exhausted', side, primaryNext, standbyNext, buffer: 0n, notes, bound, target: null };
  }

  const buffer = wanted > remaining / 2n ? remaining / 2n : wanted;
  if (buffer < wanted) notes.push({ kind: 'bufferReduced', from: wanted, to: buffer, remaining, bound });
  if (buffer === 0n) notes.push({ kind: 'noHeadroom' });
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
    wentRound: standby.definition.cycle || goesRound(primary.definition, primaryNext),
  });
  const computed: Computed = { primaryNext, standbyNext, buffer, notes };
  if (rows.kind === 'stop') {
    const { furthest, pastData, from, problem } = rows;
    const restart = from === aheadOfPrimary ? null : restartClause(input, aheadOfPrimary);
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
  const left = callsUntil(bound.value, isKept ? standbyNext : target, increment);
  if (left < buffer) notes.push({ kind: 'standbyNearBound', remaining: left, bound });
  if (isKept) return { outcome: 'keep', ...computed, target };
  if (rows.kind === 'raise' && atOrBeyond(rows.furthest, standbyNext, increment))
    computed.isBehindRows = true;
  const { lastValue, isCalled } = settingFor(target, primary.position, standby.definition);
  return { outcome: 'apply', ...computed, target, value: lastValue, called: isCalled };
}

/** So many calls past what the primary asks for a sequence is moved past rows without a person: as many again as its buffer. */
export function mostCallsPastRows(buffer: bigint): bigint {
  return buffer < LEAST_JUMP ? LEAST_JUMP : buffer;
}

/** A few rows that somebody inserted by hand are no reason to ask, whatever the buffer. */
const LEAST_JUMP = 1_000n;

/** The first value that the standby may hand out once the primary's next one is gone. */
function firstTarget({ primary, standby }: TargetInput, increment: bigint): bigint {
  const primaryNext = nextValue(primary.position, increment);
  if (!hasOwnPhase(primary.definition, standby)) return primaryNext;
  return firstInPhase(primaryNext, nextValue(standby.position, increment), increment);
}

/** Whether rows of an earlier turn may lie ahead, as the primary alone tells. */
export function goesRound(definition: Definition, next: bigint): boolean {
  return definition.cycle || isBeforeStart(definition, next);
}

/** One that goes on before its START was restarted there: as for an integer that had reached its end. */
function isBeforeStart(definition: Definition, next: bigint): boolean {
  return !atOrBeyond(next, startOf(definition), definition.increment);
}

function restartClause({ primary, standby }: TargetInput, target: bigint): string {
  const { increment, min, max } = standby.definition;
  const ours = primary.definition;
  const limit =
    increment > 0n && target < min
      ? `MINVALUE ${ours.min.toString()} `
      : increment < 0n && target > max
        ? `MAXVALUE ${ours.max.toString()} `
        : '';
  return `${limit}RESTART WITH ${target.toString()}`;
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
    case 'earlierTurn':
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

/** Every session that connects to the primary while it still runs burns up to a whole cache. */
function coverCaches(
  { primary, standby, buffer, primaryMaxConnections }: TargetInput,
  notes: TargetNote[],
): bigint {
  const caches = [primary.definition.cache, standby.definition.cache];
  const largest = caches.reduce((one, other) => (one > other ? one : other));
  if (largest <= 1n) return buffer;
  const least = primary.definition.cache > 1n ? primary.definition.cache * primaryMaxConnections : 0n;
  const covered = buffer < least ? least : buffer;
  notes.push({ kind: 'cached', cache: largest, from: buffer, to: covered });
  return covered;
}

/** Only a warning: a primary that runs out, as int4 does, is a reason to migrate to a standby with more room. */
function notePrimaryLimit(definition: Definition, next: bigint, buffer: bigint, notes: TargetNote[]): void {
  const limit = tightestBound(definition, []).value;
  const remaining = callsUntil(limit, next, definition.increment);
  if (remaining === 0n || remaining < buffer) notes.push({ kind: 'primaryLimit', limit, remaining });
}

/** The position that makes `target` the next value, within what setval accepts on the standby. */
function settingFor(target: bigint, primary: Position, { increment, min, max }: Definition): Position {
  const accepted = (value: bigint) => min <= value && value <= max;
  if (nextValue(primary, increment) === target && accepted(primary.lastValue)) return { ...primary };
  const before = target - increment;
  return accepted(before) ? { lastValue: before, isCalled: true } : { lastValue: target, isCalled: false };
}
