import { floorDivide } from './floor-divide.js';

/** Where a sequence stood at a time. */
export interface Reading {
  /** The value that the next call of nextval returned then. */
  next: bigint;
  /** Milliseconds since any fixed moment, the same for all readings; a fraction is dropped. */
  at: number;
}

/** Calls of nextval in a span of time, kept as a fraction so that nothing is lost to rounding. */
export interface Consumption {
  /** 0 or more. */
  calls: bigint;
  /** Above 0. */
  elapsedMs: bigint;
}

/**
 * What was consumed between two readings; null when they cannot tell: no time passed, or the sequence went
 * back in its own direction, as a restart does.
 */
export function consumption(earlier: Reading, later: Reading, increment: bigint): Consumption | null {
  const elapsedMs = BigInt(Math.trunc(later.at)) - BigInt(Math.trunc(earlier.at));
  const calls = floorDivide(later.next - earlier.next, increment);
  return elapsedMs > 0n && calls >= 0n ? { calls, elapsedMs } : null;
}

/**
 * The fastest consumption between readings that lie at least `leastMs` apart; null when there is none. Readings
 * closer together are passed over, since one call in a millisecond is no rate of a thousand a second.
 *
 * @param readings the latest first
 */
export function fastestConsumption(
  readings: readonly Reading[],
  increment: bigint,
  leastMs: number,
): Consumption | null {
  const [latest, ...earlier] = readings;
  let fastest: Consumption | null = null;
  let later = latest;
  for (const reading of earlier) {
    if (later === undefined || later.at - reading.at < leastMs) continue;
    fastest = faster(fastest, consumption(reading, later, increment));
    later = reading;
  }
  return fastest;
}

/** The faster of two consumptions, where an unknown one counts as the slowest. */
export function faster(one: Consumption | null, other: Consumption | null): Consumption | null {
  if (one === null || other === null) return one ?? other;
  return isFaster(other, one) ? other : one;
}

/** Calls per second as decimal text with two places, rounded down: "12.50". */
export function callsPerSecond({ calls, elapsedMs }: Consumption): string {
  const hundredths = (calls * 100_000n) / elapsedMs;
  return `${(hundredths / 100n).toString()}.${(hundredths % 100n).toString().padStart(2, '0')}`;
}

/** Whether one consumption is faster than another, compared exactly. */
export function isFaster(one: Consumption, other: Consumption): boolean {
  return one.calls * other.elapsedMs > other.calls * one.elapsedMs;
}

/**
 * Whole seconds that a headroom lasts at a rate, rounded down; 0 when there is none, null when nothing is
 * consumed and so it lasts.
 */
export function secondsLeft(headroom: bigint, { calls, elapsedMs }: Consumption): bigint | null {
  if (headroom <= 0n) return 0n;
  return calls === 0n ? null : (headroom * elapsedMs) / (calls * 1000n);
}
