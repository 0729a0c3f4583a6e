import { floorDivide } from './floor-divide.js';

/** The position of a sequence at a time. */
export interface Reading {
  /** The value that the next call of nextval returned then. */
  next: bigint;
  /** Milliseconds since a fixed moment, which is the same for all readings. Fractions are ignored. */
  at: number;
}

/** Calls of nextval in a span of time. It is kept as a fraction, to avoid rounding errors. */
export interface Consumption {
  /** 0 or more. */
  calls: bigint;
  /** Above 0. */
  elapsedMs: bigint;
}

/** A consumption in JSON, as decimal strings. */
export interface ConsumptionText {
  calls: string;
  elapsedMs: string;
}

/** The consumption in JSON. */
export function consumptionText({ calls, elapsedMs }: Consumption): ConsumptionText {
  return { calls: String(calls), elapsedMs: String(elapsedMs) };
}

/** @returns null if there is no text */
export function parseConsumption(text: ConsumptionText | null | undefined): Consumption | null {
  return text == null ? null : { calls: BigInt(text.calls), elapsedMs: BigInt(text.elapsedMs) };
}

/**
 * The consumption between two readings. Null if it cannot be computed: no time has passed, or the sequence went backwards,
 * as after a restart.
 */
export function consumption(earlier: Reading, later: Reading, increment: bigint): Consumption | null {
  const elapsedMs = BigInt(Math.trunc(later.at)) - BigInt(Math.trunc(earlier.at));
  const calls = floorDivide(later.next - earlier.next, increment);
  return elapsedMs > 0n && calls >= 0n ? { calls, elapsedMs } : null;
}

/**
 * The fastest consumption between readings that are at least `leastMs` apart; null if there is none. Readings that are
 * closer together are skipped, because one call in a millisecond does not mean a thousand calls a second.
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

/** The faster of two consumptions. An unknown one (null) counts as the slowest. */
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
 * How many whole seconds a headroom lasts at a rate, rounded down. 0 if there is no headroom, null if the rate is 0.
 */
export function secondsLeft(headroom: bigint, { calls, elapsedMs }: Consumption): bigint | null {
  if (headroom <= 0n) return 0n;
  return calls === 0n ? null : (headroom * elapsedMs) / (calls * 1000n);
}
