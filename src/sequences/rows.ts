import type { Bound } from './bounds.js';
import { atOrBeyond, callsUntil } from './sequence.js';

/** What a person said about the rows that lie at or beyond a target. */
export type RowsChoice =
  /** Move the sequence past them, however far that is. */
  | 'raise'
  /** Set it as the primary asks: its values do not collide with them. */
  | 'ignore';

/** The first row of the standby from some value on, in the direction of the increment. */
export interface RowsAhead {
  from: bigint;
  /** Null where no row lies there. */
  first: bigint | null;
  /** Whether some column that it feeds takes each value once. */
  unique: boolean;
}

export interface RowsInput {
  increment: bigint;
  /** The next value that the primary asks for. */
  target: bigint;
  standbyNext: bigint;
  furthest: bigint | null;
  /** Null as long as nobody has looked, which is needed only if the furthest row cannot decide. */
  ahead: RowsAhead | null;
  choice: RowsChoice | null;
  bound: Bound;
  /** The effective buffer, in calls. */
  buffer: bigint;
  /** The furthest jump past rows that needs no person, in calls; null for any. */
  mostCalls: bigint | null;
  /** Whether the primary has CYCLE, or goes on before its START: then rows of an earlier turn lie ahead. */
  wentRound: boolean;
}

/** Why no target is right without a person. Counts are calls of nextval. */
export type RowsProblem =
  /** To pass the furthest row would leave only `remaining` calls. */
  | { why: 'noRoom'; remaining: bigint; bound: Bound }
  /** It is so far beyond what the primary asks for that its ids hardly come from the sequence as they are. */
  | { why: 'farJump'; calls: bigint }
  /** The sequence went round, and would meet the row `first` after so few calls. */
  | { why: 'inTheWay'; first: bigint; calls: bigint };

export type RowsVerdict =
  /** No row lies at or beyond the target. */
  | { kind: 'clear' }
  | { kind: 'raise'; target: bigint; furthest: bigint }
  | { kind: 'ignore'; furthest: bigint }
  /** They are of an earlier turn; the first of them is so many calls beyond where the standby will stand, null for none. */
  | { kind: 'earlierTurn'; first: bigint | null; calls: bigint | null }
  /** `from` is where the standby would stand, and where to look for the first row. */
  | { kind: 'stop'; problem: RowsProblem; furthest: bigint; pastData: bigint; from: bigint };

/** Decides what the rows of a sequence's columns mean for its target. */
export function judgeRows(input: RowsInput): RowsVerdict {
  const { target, furthest, increment, standbyNext, bound, buffer, choice } = input;
  if (furthest === null || !atOrBeyond(furthest, target, increment)) return { kind: 'clear' };
  if (choice === 'ignore') return { kind: 'ignore', furthest };
  const pastData = target + ((furthest - target) / increment + 1n) * increment;
  const raise = { kind: 'raise', target: pastData, furthest } as const;
  if (atOrBeyond(standbyNext, pastData, increment)) return raise;

  const from = atOrBeyond(standbyNext, target, increment) ? standbyNext : target;
  const remaining = callsUntil(bound.value, pastData, increment);
  const stop = (problem: RowsProblem) => ({ kind: 'stop', problem, furthest, pastData, from }) as const;
  if (remaining === 0n && choice === 'raise') return stop({ why: 'noRoom', remaining, bound });
  if (remaining === 0n || (remaining < buffer && choice !== 'raise')) {
    return (
      earlierTurn(input, from, true) ?? stop(inTheWay(input, from) ?? { why: 'noRoom', remaining, bound })
    );
  }
  const calls = (pastData - from) / increment;
  if (choice === 'raise' || input.mostCalls === null || calls <= input.mostCalls) return raise;
  return earlierTurn(input, from, false) ?? stop(inTheWay(input, from) ?? { why: 'farJump', calls });
}

/**
 * Rows of an earlier turn say nothing of a sequence that went round. It did if its definition says so, or if rows reach up to the very
 * end of the range, many and far ahead: a single row there may be a sentinel. It can be set as long as the first of them is no
 * obstacle soon.
 */
function earlierTurn(input: RowsInput, from: bigint, toTheEnd: boolean): RowsVerdict | null {
  const { ahead, furthest, wentRound, buffer, mostCalls } = input;
  if (ahead?.from !== from) return null;
  const calls = callsTo(ahead, input.increment);
  const isFar = calls !== null && calls >= buffer && calls >= (mostCalls ?? 0n);
  if (!wentRound && !(toTheEnd && isFar && ahead.first !== furthest)) return null;
  if (ahead.unique && calls !== null && calls < soon(buffer)) return null;
  return { kind: 'earlierTurn', first: ahead.first, calls };
}

function inTheWay({ ahead, wentRound, increment, buffer }: RowsInput, from: bigint): RowsProblem | null {
  if (!wentRound || ahead?.from !== from || ahead.first === null) return null;
  const calls = callsTo(ahead, increment);
  return calls !== null && calls < soon(buffer) ? { why: 'inTheWay', first: ahead.first, calls } : null;
}

function callsTo({ from, first }: RowsAhead, increment: bigint): bigint | null {
  return first === null ? null : (first - from) / increment;
}

/** As many calls as a standby has to be ahead by, and at least one. */
function soon(buffer: bigint): bigint {
  return buffer < 2n ? 1n : (buffer + 1n) / 2n;
}
