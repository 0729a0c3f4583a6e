import { consumption, consumptionText, parseConsumption } from './consumption.js';
import type { Consumption, ConsumptionText } from './consumption.js';

/** The last reading of a sequence, for the next recheck: position, headroom and rate. Plain JSON. */
export interface WatchedSequence {
  sequence: string;
  /** The primary's next value. */
  next: string;
  /** When the primary was read, ISO 8601. */
  at: string;
  /** By how many calls of nextval the standby was ahead. */
  headroom: string;
  /** The effective buffer, in calls. */
  buffer: string;
  /** The last measured consumption; null if there is none. */
  rate: ConsumptionText | null;
}

/** The length of the list. It is limited, because a run that waits for days carries the list from recheck to recheck. */
export const WATCHED = 20;

/** The least time between two readings that give a rate, in milliseconds. */
const LEAST_MS = 1_000;

/**
 * A sequence as it was just read, with its rate since the previous recheck. If there is no new rate, it keeps the previous one.
 *
 * @param now without a rate
 */
export function watchedSince(
  before: WatchedSequence | undefined,
  now: WatchedSequence & { rate: null },
  increment: bigint,
): WatchedSequence {
  if (before === undefined) return now;
  const earlier = { next: BigInt(before.next), at: Date.parse(before.at) };
  const later = { next: BigInt(now.next), at: Date.parse(now.at) };
  if (later.at - earlier.at < LEAST_MS)
    return { ...now, next: before.next, at: before.at, rate: before.rate };
  const rate = consumption(earlier, later, increment);
  return {
    ...now,
    rate: rate === null ? null : consumptionText(rate),
  };
}

/**
 * The sequences to watch, at most {@link WATCHED}. Half of the list are the sequences that run out first at their known
 * rates. The rest are those with the least headroom in proportion to their buffer. A busy sequence loses headroom, so it gets
 * on the list by itself.
 */
export function watchList(candidates: readonly WatchedSequence[]): WatchedSequence[] {
  const running = candidates.filter((one) => rateOf(one) !== null);
  const soonest = firstOf(running, WATCHED / 2, soonestFirst);
  const drained = firstOf(candidates, WATCHED, (a, b) => mostDrainedFirst(a, b) || byName(a, b));
  return [...new Set([...soonest, ...drained])].slice(0, WATCHED);
}

/** The sequences with the least headroom in proportion to their buffer, at most {@link WATCHED}: the watch list until rates are known. */
export function mostDrained<T extends Drained>(candidates: readonly T[]): T[] {
  return firstOf(candidates, WATCHED, mostDrainedFirst);
}

interface Drained {
  headroom: string | bigint;
  buffer: string | bigint;
}

/** The first few in order, without sorting the others. */
function firstOf<T>(candidates: readonly T[], count: number, compare: (one: T, other: T) => number): T[] {
  const first: T[] = [];
  for (const candidate of candidates) {
    const last = first[count - 1];
    if (last !== undefined && compare(candidate, last) >= 0) continue;
    const place = first.findIndex((one) => compare(candidate, one) < 0);
    first.splice(place === -1 ? first.length : place, 0, candidate);
    first.length = Math.min(first.length, count);
  }
  return first;
}

/** The sequence whose headroom ends first at its rate, with that rate; null if nothing is consumed. */
export function runsOutFirst(
  list: readonly WatchedSequence[],
): { sequence: string; headroom: bigint; rate: Consumption } | null {
  const [first] = list.filter((one) => rateOf(one) !== null).sort(soonestFirst);
  const rate = first === undefined ? null : rateOf(first);
  if (first === undefined || rate === null) return null;
  return { sequence: first.sequence, headroom: BigInt(first.headroom), rate };
}

/** Null also if nothing is consumed. */
function rateOf({ rate }: WatchedSequence): Consumption | null {
  const consumed = parseConsumption(rate);
  return consumed !== null && consumed.calls > 0n ? consumed : null;
}

/** Compares headroom ÷ rate of two sequences that are being consumed, without a division. */
function soonestFirst(one: WatchedSequence, other: WatchedSequence): number {
  const a = rateOf(one);
  const b = rateOf(other);
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const left = BigInt(one.headroom) * a.elapsedMs * b.calls;
  const right = BigInt(other.headroom) * b.elapsedMs * a.calls;
  return left < right ? -1 : left > right ? 1 : byName(one, other);
}

/** Compares headroom ÷ (buffer + 1); 1 is added because a buffer may be 0. */
function mostDrainedFirst(one: Drained, other: Drained): number {
  if (one.headroom === other.headroom && one.buffer === other.buffer) return 0;
  const left = BigInt(one.headroom) * (BigInt(other.buffer) + 1n);
  const right = BigInt(other.headroom) * (BigInt(one.buffer) + 1n);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Makes the order unique, so that the list is the same in every replay. */
function byName({ sequence: a }: WatchedSequence, { sequence: b }: WatchedSequence): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
