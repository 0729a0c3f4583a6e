import type { Bound } from './bounds.js';
import { atOrBeyond, callsUntil } from './sequence.js';

/** A person's decision about the rows at or beyond a target. */
export type RowsChoice =
  /** Move the sequence past them, however far that is. */
  | 'raise'
  /** Use the target that comes from the primary alone: the sequence's values do not collide with the rows. */
  | 'ignore';

/** The first row on the standby at or beyond the value `from`, in the direction of the increment, that the sequence would hand out from there. */
export interface RowsAhead {
  from: bigint;
  /** Null if there is no such row, and if it could not be read. */
  first: bigint | null;
  /** Whether the columns could not be read, for example without an index. Then nothing else is known. Otherwise absent. */
  unread?: true;
  /**
   * Whether a row has the primary's next value already. If so, the ids do not come from the sequence: otherwise the next insert on the primary
   * would be a duplicate. Absent unless it was asked for.
   */
  primaryNextTaken?: boolean;
  /** Whether the sequence feeds a column of a unique index. */
  unique: boolean;
  /** Whether it feeds a column that is unique by itself: then a row with its value is refused, whatever the other columns are. */
  uniqueAlone: boolean;
}

/** A target, and the rows that may be in its way. */
export interface RowsInput {
  increment: bigint;
  /** The target that comes from the primary alone: its next value plus the buffer. */
  target: bigint;
  standbyNext: bigint;
  furthest: bigint | null;
  /** Null until it was read. It is needed only if the furthest row does not decide. */
  ahead: RowsAhead | null;
  choice: RowsChoice | null;
  bound: Bound;
  /** The effective buffer, in calls. */
  buffer: bigint;
  /** The largest jump past rows that needs no decision of a person, in calls; null for no limit. */
  mostCalls: bigint | null;
  /** Whether the sequence wrapped around: the primary has CYCLE, or its next value is before its START. Then old rows are ahead of it. */
  goesRound: boolean;
  /** The value with which the standby's sequence begins again after its last one; null without CYCLE. */
  beginsAgainAt: bigint | null;
}

/** Why a person has to decide about the target. Counts are calls of nextval. */
export type RowsProblem =
  /** Past the furthest row, only `remaining` calls would be left. */
  | { why: 'noRoom'; remaining: bigint; bound: Bound }
  /** The furthest row is so far beyond the target that its id is probably not a value of the sequence. */
  | { why: 'farJump'; calls: bigint }
  /** The sequence wrapped around, or a person decided to ignore the rows, and would reach the row `first` after only `calls` calls. */
  | { why: 'inTheWay'; first: bigint; calls: bigint; isIgnored?: true }
  /** The standby is beyond the target, and after only `calls` calls it begins again at `first`, since it has CYCLE. */
  | { why: 'nearItsEnd'; first: bigint; calls: bigint };

/** What the rows mean for the target. */
export type RowsVerdict =
  /** There are no rows at or beyond the target. */
  | { kind: 'clear' }
  | { kind: 'raise'; target: bigint; furthest: bigint }
  | { kind: 'ignore'; furthest: bigint }
  /**
   * The rows are from before the sequence wrapped around. The first of them is `calls` calls from the standby's next value, or from the target if
   * that is further; null if there is none.
   */
  | { kind: 'rowsBeforeWrap'; first: bigint | null; calls: bigint | null }
  /** A person has to decide. `from` is the standby's next value without the rows; the first row is to be read from there on. */
  | { kind: 'stop'; problem: RowsProblem; furthest: bigint; pastData: bigint; from: bigint };

/** Decides how the rows of a sequence's columns change its target. */
export function judgeRows(input: RowsInput): RowsVerdict {
  const verdict = judgeRowsAhead(input);
  if (verdict.kind === 'stop') return verdict;
  return nearItsEnd(input, verdict.kind === 'raise' ? verdict.target : input.target) ?? verdict;
}

/** Decides by the rows at or beyond the target. */
function judgeRowsAhead(input: RowsInput): RowsVerdict {
  const { target, furthest, increment, standbyNext, bound, buffer, choice } = input;
  if (furthest === null || !atOrBeyond(furthest, target, increment)) return { kind: 'clear' };
  const pastData = target + ((furthest - target) / increment + 1n) * increment;
  const raise = { kind: 'raise', target: pastData, furthest } as const;
  if (atOrBeyond(standbyNext, pastData, increment)) return raise;

  const from = further(standbyNext, target, increment);
  const remaining = callsUntil(bound.value, pastData, increment);
  const stop = (problem: RowsProblem) => ({ kind: 'stop', problem, furthest, pastData, from }) as const;
  const calls = (pastData - from) / increment;
  if (choice === 'ignore') {
    const problem = problemOfIgnored(input, from, calls);
    return problem === null ? { kind: 'ignore', furthest } : stop(problem);
  }
  if (remaining === 0n && choice === 'raise') return stop({ why: 'noRoom', remaining, bound });
  if (remaining === 0n || (remaining < buffer && choice !== 'raise')) {
    return (
      rowsBeforeWrap(input, from, true) ?? stop(inTheWay(input, from) ?? { why: 'noRoom', remaining, bound })
    );
  }
  if (choice === 'raise' || input.mostCalls === null || calls <= input.mostCalls) return raise;
  return rowsBeforeWrap(input, from, false) ?? stop(inTheWay(input, from) ?? { why: 'farJump', calls });
}

/**
 * A decision to ignore rows is about rows that are not in the way. Whether one is, is known when the first row ahead was read. Ids that are
 * computed from the sequence's values, such as each value times 50, are never in the way.
 *
 * @param calls the jump past all rows
 */
function problemOfIgnored(input: RowsInput, from: bigint, calls: bigint): RowsProblem | null {
  const { ahead } = input;
  if (ahead?.from !== from || (ahead.unread !== true && ahead.primaryNextTaken === undefined))
    return { why: 'farJump', calls };
  if (!ahead.uniqueAlone || ahead.primaryNextTaken === true) return null;
  const problem = firstInTheWay(ahead, input);
  return problem && { ...problem, isIgnored: true };
}

/**
 * If a sequence with CYCLE is beyond its target, and begins again within the headroom that is required, where its columns may have rows. At its
 * target it would not.
 */
function nearItsEnd(input: RowsInput, target: bigint): RowsVerdict | null {
  const { increment, standbyNext: from, furthest, ahead, bound, buffer, choice, beginsAgainAt } = input;
  if (beginsAgainAt === null || furthest === null || choice === 'ignore') return null;
  if (!atOrBeyond(from, target + increment, increment)) return null;
  const left = (next: bigint) => callsUntil(bound.value, next, increment);
  const least = requiredHeadroom(buffer);
  if (left(from) >= least || left(target) < least) return null;
  // Until the first row ahead was read, the columns may be unique.
  if (ahead?.from === from && ahead.unread !== true && !ahead.unique) return null;
  const problem: RowsProblem = { why: 'nearItsEnd', first: beginsAgainAt, calls: left(from) };
  return { kind: 'stop', problem, furthest, pastData: target, from };
}

/**
 * If a sequence wrapped around, the furthest row is an old one and does not matter. A sequence is taken as wrapped around if its
 * definition or its position says so (`goesRound`), or if several rows far ahead reach up to the end of the range. A single row at
 * the end may be a sentinel. The sequence can be set if it will not soon reach the first of the old rows.
 */
function rowsBeforeWrap(input: RowsInput, from: bigint, toTheEnd: boolean): RowsVerdict | null {
  const { ahead, furthest, goesRound, buffer, mostCalls } = input;
  if (ahead?.from !== from || ahead.unread === true) return null;
  const calls = callsTo(ahead, input.increment);
  const isFar = calls !== null && calls >= buffer && calls >= (mostCalls ?? 0n);
  if (!goesRound && !(toTheEnd && isFar && ahead.first !== furthest)) return null;
  if (ahead.unique && calls !== null && calls < requiredHeadroom(buffer)) return null;
  return { kind: 'rowsBeforeWrap', first: ahead.first, calls };
}

function inTheWay(input: RowsInput, from: bigint): RowsProblem | null {
  const { ahead, goesRound } = input;
  return goesRound && ahead?.from === from ? firstInTheWay(ahead, input) : null;
}

/** The first row ahead, if the sequence would soon collide with it. */
function firstInTheWay(
  ahead: RowsAhead,
  { increment, buffer }: Pick<RowsInput, 'increment' | 'buffer'>,
): Extract<RowsProblem, { why: 'inTheWay' }> | null {
  const calls = callsTo(ahead, increment);
  if (ahead.first === null || calls === null || calls >= requiredHeadroom(buffer)) return null;
  return { why: 'inTheWay', first: ahead.first, calls };
}

/** The one that is further in the direction of the increment. */
function further(one: bigint, other: bigint, increment: bigint): bigint {
  return atOrBeyond(one, other, increment) ? one : other;
}

function callsTo({ from, first }: RowsAhead, increment: bigint): bigint | null {
  return first === null ? null : (first - from) / increment;
}

/** The headroom that isAhead (headroom.ts) requires, but at least one call. */
function requiredHeadroom(buffer: bigint): bigint {
  return buffer < 2n ? 1n : (buffer + 1n) / 2n;
}
