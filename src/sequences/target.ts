import { type Bound, tightestBound } from './bounds.js';
import { atOrBeyond, callsUntil, nextValue } from './sequence.js';
import type { ColumnType, Definition, Position } from './sequence.js';

/** One sequence on one side. */
export interface SequenceState {
  position: Position;
  definition: Definition;
}

export interface TargetInput {
  primary: SequenceState;
  standby: SequenceState;
  /** Types of the standby's columns that the sequence feeds; only those that limit it. */
  columns: readonly ColumnType[];
  /** Calls of nextval, 0 or more. */
  buffer: bigint;
  /** SHOW max_connections on the primary: how many sessions may each take a cache of values. */
  primaryMaxConnections: bigint;
  /**
   * The furthest value in any column that it feeds, on either side, in the direction of the increment; null
   * when there is no row, or none was looked at.
   */
  furthest: bigint | null;
}

/** What deserves to be said about a target. Counts are calls of nextval. */
export type TargetNote =
  /** Sessions take `cache` values at once; `from` is the buffer asked for, `to` the least that covers the caches. */
  | { kind: 'cached'; cache: bigint; from: bigint; to: bigint }
  /** Only `remaining` calls are left from the primary's next value on to the bound. */
  | { kind: 'bufferReduced'; from: bigint; to: bigint; remaining: bigint; bound: Bound }
  /** Rows lie at or beyond the target `from`, which was raised to `to`. */
  | { kind: 'behindData'; furthest: bigint; from: bigint; to: bigint }
  /** A side has CYCLE, which promises no uniqueness. */
  | { kind: 'cycles' }
  /** The effective buffer is 0: one call on the primary puts the standby behind. */
  | { kind: 'noHeadroom' }
  /** The primary's own limit leaves fewer calls than the buffer, while the standby has room. */
  | { kind: 'primaryLimit'; limit: bigint; remaining: bigint }
  /** The standby is kept, further on than asked, with fewer calls than the buffer left up to the bound. */
  | { kind: 'standbyNearBound'; remaining: bigint; bound: Bound };

interface Computed {
  /** The value that the next call of nextval returns; beyond the limits when the sequence is used up. */
  primaryNext: bigint;
  standbyNext: bigint;
  /** The effective buffer, in calls of nextval: raised for caches, reduced to the bound. */
  buffer: bigint;
  notes: TargetNote[];
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
   * Clearing the furthest row would take the target to `pastData`, which leaves only `remaining` calls;
   * `target` is the one that the primary alone asks for. Nothing is to be set.
   */
  | (Computed & {
      outcome: 'outlier';
      target: bigint;
      furthest: bigint;
      pastData: bigint;
      remaining: bigint;
      bound: Bound;
    });

/**
 * Computes where a sequence of the standby shall stand: `buffer` calls ahead of the primary, in the primary's
 * phase, within what the standby and its columns can hold, past the rows that exist, and never back.
 *
 * @throws RangeError if the increments differ (such a sequence is never set), or are 0, or if the buffer or the
 * number of connections is negative.
 */
export function computeTarget(input: TargetInput): Target {
  const { primary, standby, columns, furthest } = input;
  const increment = sharedIncrement(input);
  const notes: TargetNote[] = [];
  const primaryNext = nextValue(primary.position, increment);
  const standbyNext = nextValue(standby.position, increment);
  const bound = tightestBound(standby.definition, columns);

  if (primary.definition.cycle || standby.definition.cycle) notes.push({ kind: 'cycles' });
  const wanted = coverCaches(input, notes);

  // A cycling standby beyond its bound would hand out its first values again, which are taken.
  const remaining = callsUntil(bound.value, primaryNext, increment);
  const standbyRemaining = callsUntil(bound.value, standbyNext, increment);
  if (remaining === 0n || standbyRemaining === 0n) {
    const side = remaining === 0n ? 'primary' : 'standby';
    return { outcome: 'exhausted', side, primaryNext, standbyNext, buffer: 0n, notes, bound, target: null };
  }

  const buffer = wanted > remaining / 2n ? remaining / 2n : wanted;
  if (buffer < wanted) notes.push({ kind: 'bufferReduced', from: wanted, to: buffer, remaining, bound });
  if (buffer === 0n) notes.push({ kind: 'noHeadroom' });
  notePrimaryLimit(primary.definition, primaryNext, buffer, notes);

  const computed = { primaryNext, standbyNext, buffer, notes };
  const aheadOfPrimary = primaryNext + buffer * increment;
  const target = pastData(aheadOfPrimary, furthest, increment);
  if (furthest !== null && target !== aheadOfPrimary) {
    const left = callsUntil(bound.value, target, increment);
    if (left === 0n || left < buffer) {
      return {
        outcome: 'outlier',
        ...computed,
        target: aheadOfPrimary,
        furthest,
        pastData: target,
        remaining: left,
        bound,
      };
    }
    notes.push({ kind: 'behindData', furthest, from: aheadOfPrimary, to: target });
  }

  if (atOrBeyond(standbyNext, target, increment)) {
    if (standbyRemaining < buffer)
      notes.push({ kind: 'standbyNearBound', remaining: standbyRemaining, bound });
    return { outcome: 'keep', ...computed, target };
  }
  const { lastValue, isCalled } = settingFor(target, primary.position, standby.definition);
  return { outcome: 'apply', ...computed, target, value: lastValue, called: isCalled };
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

/** The target, or the first value of its phase beyond the furthest row. */
function pastData(target: bigint, furthest: bigint | null, increment: bigint): bigint {
  if (furthest === null || !atOrBeyond(furthest, target, increment)) return target;
  return target + ((furthest - target) / increment + 1n) * increment;
}

/** The position that makes `target` the next value, within what setval accepts on the standby. */
function settingFor(target: bigint, primary: Position, { increment, min, max }: Definition): Position {
  const accepted = (value: bigint) => min <= value && value <= max;
  if (nextValue(primary, increment) === target && accepted(primary.lastValue)) return { ...primary };
  const before = target - increment;
  return accepted(before) ? { lastValue: before, isCalled: true } : { lastValue: target, isCalled: false };
}
