import type { Consumption, Reading } from './consumption.js';
import { decimal, divideUp, multiply } from './decimal.js';
import { firstInPhase } from './phase.js';
import { atOrBeyond, callsUntil } from './sequence.js';

/** What says where a sequence of a lost primary stood: a reading on record, the rows on the standby, or the standby's own sequence. */
export type EvidenceKind = 'ledger' | 'rows' | 'standby';

export interface EvidenceInput {
  /** Never 0; negative for a descending sequence. */
  increment: bigint;
  /** The last value that may be handed out. */
  bound: bigint;
  /** The last reading of the primary that is on record; null for none. */
  reading: Reading | null;
  /** How fast the primary consumed it; null where fewer than two readings are on record. */
  rate: Consumption | null;
  /** Milliseconds, of the same clock as the reading. */
  now: number;
  /** What the measured consumption is multiplied with; 0 or more. */
  safetyFactor: number;
  /** Where the standby's own sequence says that the primary stood at most; null for one that nobody ever called or set. */
  standing: bigint | null;
  /** A value that the sequence hands out, for the phase of those past a row. */
  member: bigint;
  /** The furthest row on the standby, in the direction of the increment; null for none, or where rows are not to count. */
  furthest: bigint | null;
  /**
   * So many calls beyond the other evidence a row is taken for one of the sequence's; null for any number. What lies further is left to
   * whoever judges rows: it may be a sentinel.
   */
  mostCallsToRow: bigint | null;
  /** In calls: so many have to be left after a row, or it says nothing. */
  buffer: bigint;
}

/** Where the primary's sequence is presumed to have stood at most. */
export interface Estimate {
  /** The next value. */
  next: bigint;
  evidence: EvidenceKind;
  /** Calls that it is presumed to have made since the reading; 0 without one. */
  presumed: bigint;
  /** Whether `presumed` was cut, since it would have used the sequence up. */
  isCut: boolean;
}

/**
 * The furthest of all that the evidence says; null where there is none. Each kind alone is a lower bound of where the primary stood,
 * but for the reading, which the measured consumption carries up to now.
 */
export function estimateNext(input: EvidenceInput): Estimate | null {
  const { increment, standing, furthest, reading, member } = input;
  const at = (next: bigint, evidence: EvidenceKind) => ({ next, evidence, presumed: 0n, isCut: false });
  const ledger = byReading(input);
  const standby = standing === null ? null : at(standing, 'standby');
  const known = furthestOf([ledger, standby], increment);
  if (furthest === null) return known;
  const afterRow = increment > 0n ? furthest + 1n : furthest - 1n;
  const pastRow = firstInPhase(afterRow, reading?.next ?? member, increment);
  return isCredible(input, known, pastRow)
    ? furthestOf([ledger, at(pastRow, 'rows'), standby], increment)
    : known;
}

/** Of those that are as far, the first. */
function furthestOf(all: readonly (Estimate | null)[], increment: bigint): Estimate | null {
  return all.reduce((best, one) => {
    if (best === null || one === null) return best ?? one;
    return atOrBeyond(best.next, one.next, increment) ? best : one;
  }, null);
}

/**
 * Calls that a consumption comes to in so many milliseconds, times a factor: the exact product, rounded up.
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
  return divideUp(product, elapsedMs);
}

function byReading({ reading, rate, now, safetyFactor, increment, bound }: EvidenceInput): Estimate | null {
  if (reading === null) return null;
  const age = BigInt(Math.trunc(now)) - BigInt(Math.trunc(reading.at));
  const wanted = rate === null ? 0n : presumedCalls(rate, age, safetyFactor);
  // Half of what was left stays for the buffer and the time after: a rate that is carried on for days would use up any integer.
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
