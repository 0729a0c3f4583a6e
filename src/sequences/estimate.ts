import type { Consumption, Reading } from './consumption.js';
import { decimal, divideRoundingUp, multiply } from './decimal.js';
import { firstInPhase } from './phase.js';
import { atOrBeyond, callsUntil } from './sequence.js';

/**
 * The kinds of evidence of where a sequence of a lost primary stood: a reading in the ledger, the rows on the standby, or the standby's own
 * sequence.
 */
export type EvidenceKind = 'ledger' | 'rows' | 'standby';

/** Everything that is known about a sequence of a lost primary. */
export interface EvidenceInput {
  /** Never 0; negative for a descending sequence. */
  increment: bigint;
  /** The last value that may be handed out. */
  bound: bigint;
  /** The last recorded reading of the primary; null if there is none. */
  reading: Reading | null;
  /** The primary's rate of consumption; null if fewer than two readings are recorded. */
  rate: Consumption | null;
  /** The present time in milliseconds, from the same clock as the reading. */
  now: number;
  /** The factor for the measured consumption; 0 or more. */
  safetyFactor: number;
  /** The furthest position of the primary that the standby's own sequence shows; null for a sequence that was never called or set. */
  shownByStandby: bigint | null;
  /** A value that the sequence hands out, which gives the phase of values past a row. */
  member: bigint;
  /** The furthest row on the standby, in the direction of the increment; null if there is none, or if rows do not count. */
  furthest: bigint | null;
  /**
   * A row that is at most this many calls beyond the other evidence counts as made by the sequence; null for any number. A row beyond that
   * may be a sentinel, and is judged with the other rows.
   */
  mostCallsToRow: bigint | null;
  /** In calls: this many have to be left after a row. Otherwise the row is no evidence. */
  buffer: bigint;
}

/** The presumed position of the primary's sequence, which is the furthest that it is likely to have reached. */
export interface Estimate {
  /** The next value. */
  next: bigint;
  evidence: EvidenceKind;
  /** The calls that it is presumed to have made since the reading; 0 without a reading. */
  presumed: bigint;
  /** Whether `presumed` was reduced, since otherwise the sequence would be used up. */
  isCut: boolean;
}

/**
 * The furthest position in all evidence; null without evidence. Each piece of evidence is a lower bound of the primary's position. Only the
 * reading is extended, by the measured consumption until now.
 */
export function estimateNext(input: EvidenceInput): Estimate | null {
  const { increment, shownByStandby, furthest, reading, member } = input;
  const at = (next: bigint, evidence: EvidenceKind) => ({ next, evidence, presumed: 0n, isCut: false });
  const ledger = byReading(input);
  const standby = shownByStandby === null ? null : at(shownByStandby, 'standby');
  const known = furthestOf([ledger, standby], increment);
  if (furthest === null) return known;
  const afterRow = increment > 0n ? furthest + 1n : furthest - 1n;
  const pastRow = firstInPhase(afterRow, reading?.next ?? member, increment);
  return isCredible(input, known, pastRow)
    ? furthestOf([ledger, at(pastRow, 'rows'), standby], increment)
    : known;
}

/** If several are equally far, the first of them. */
function furthestOf(all: readonly (Estimate | null)[], increment: bigint): Estimate | null {
  return all.reduce((best, one) => {
    if (best === null || one === null) return best ?? one;
    return atOrBeyond(best.next, one.next, increment) ? best : one;
  }, null);
}

/**
 * The calls that a consumption makes in a time in milliseconds, times a factor: the exact product, rounded up.
 *
 * @throws RangeError for a factor that is negative or not finite
 */
export function presumedCalls(
  { calls, elapsedMs }: Consumption,
  ageMs: bigint,
  safetyFactor: number,
): bigint {
  const product = multiply(
    { digits: calls * (ageMs > 0n ? ageMs : 0n), exponent: 0 },
    decimal('safetyFactor', safetyFactor),
  );
  return divideRoundingUp(product, elapsedMs);
}

function byReading({ reading, rate, now, safetyFactor, increment, bound }: EvidenceInput): Estimate | null {
  if (reading === null) return null;
  const age = BigInt(Math.trunc(now)) - BigInt(Math.trunc(reading.at));
  const wanted = rate === null ? 0n : presumedCalls(rate, age, safetyFactor);
  // Half of the remaining values stay for the buffer and for later: a rate that is extended over days would use up any integer.
  const most = callsUntil(bound, reading.next, increment) / 2n;
  const isCut = wanted > most;
  const presumed = isCut ? most : wanted;
  return { next: reading.next + presumed * increment, evidence: 'ledger', presumed, isCut };
}

function isCredible(
  { increment, bound, buffer, mostCallsToRow }: EvidenceInput,
  known: Estimate | null,
  pastRow: bigint,
): boolean {
  const left = callsUntil(bound, pastRow, increment);
  if (left === 0n || left < 2n * buffer) return false;
  if (known === null || mostCallsToRow === null) return true;
  return (pastRow - known.next) / increment <= mostCallsToRow;
}
