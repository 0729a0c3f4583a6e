import type { Consumption } from './consumption.js';
import { decimal, divideUp, multiply } from './decimal.js';
import { MAX_BIGINT } from './sequence.js';

/** Consumption × seconds × factor, for each sequence by its own; `minimum` is a decimal string of calls. */
export interface MeasuredRule {
  maxFailoverSeconds: number;
  safetyFactor: number;
  minimum: string;
}

/**
 * The buffer of a sequence that consumes at `rate`, in calls of nextval: the exact product, rounded up, and never
 * less than the minimum. Null, where nothing was consumed or nobody can tell, is the minimum. What is beyond bigint
 * is its largest value: the sequence's own bounds reduce it further.
 *
 * @throws RangeError for a factor that is negative or not finite, and a minimum that is no whole number
 */
export function measuredBuffer(rule: MeasuredRule, rate: Consumption | null): bigint {
  const minimum = BigInt(rule.minimum);
  if (rate === null) return minimum;
  const wanted = divideUp(
    multiply(
      { digits: rate.calls * 1000n, exponent: 0 },
      decimal('maxFailoverSeconds', rule.maxFailoverSeconds),
      decimal('safetyFactor', rule.safetyFactor),
    ),
    rate.elapsedMs,
  );
  if (wanted <= minimum) return minimum;
  return wanted < MAX_BIGINT ? wanted : MAX_BIGINT;
}

/** What a round measured, as later looks need it; plain JSON. */
export interface MeasuredBuffers {
  /** The standby's oid, and the buffer in calls, of sequences whose buffer is above its minimum. */
  byOid: [oid: number, calls: string][];
  /** No sequence that is not listed has a buffer above this and its minimum. */
  others: string;
}

/** The largest `limit` of them, and for the rest the largest that was left out: bounded, and never too little. */
export function largestBuffers(all: readonly MeasuredBuffers[], limit: number): MeasuredBuffers {
  const entries = all.flatMap(({ byOid }) => byOid);
  const descending = entries
    .map(([oid, calls]) => ({ oid, calls: BigInt(calls) }))
    .sort((a, b) => (a.calls === b.calls ? a.oid - b.oid : a.calls > b.calls ? -1 : 1));
  const leftOut = [...all.map(({ others }) => BigInt(others)), descending[limit]?.calls ?? 0n];
  const others = leftOut.reduce((a, b) => (a > b ? a : b));
  return {
    byOid: descending.slice(0, limit).map(({ oid, calls }) => [oid, String(calls)]),
    others: String(others),
  };
}
