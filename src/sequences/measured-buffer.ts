import type { Consumption } from './consumption.js';
import { decimal, divideRoundingUp, multiply } from './decimal.js';
import { MAX_BIGINT } from './sequence.js';

/** The rule of a measured buffer: the sequence's consumption × seconds × factor. `minimum` is a decimal string of calls. */
export interface MeasuredRule {
  maxFailoverSeconds: number;
  safetyFactor: number;
  minimum: string;
}

/** The suggested buffer covers a failover of ten minutes at twice the measured rate. */
export const SUGGESTED_BUFFER = { maxFailoverSeconds: 600, safetyFactor: 2, minimum: '0' } as const;

/**
 * The buffer of a sequence that is consumed at `rate`, in calls of nextval: the exact product, rounded up, but at least the
 * minimum. If the rate is null (not consumed, or unknown), it is the minimum. It is at most the largest bigint; the
 * sequence's own bounds reduce it further.
 *
 * @throws RangeError for a factor that is negative or not finite, and a minimum that is not a whole number
 */
export function measuredBuffer(rule: MeasuredRule, rate: Consumption | null): bigint {
  const minimum = BigInt(rule.minimum);
  if (rate === null) return minimum;
  const wanted = divideRoundingUp(
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

/** The buffers that a round has measured, for later rechecks; plain JSON. */
export interface MeasuredBuffers {
  /** Sequences whose buffer is above its minimum: the oid on the standby, and the buffer in calls. */
  byOid: [oid: number, calls: string][];
  /** The buffer of a sequence that is not listed is at most this, or its minimum if that is larger. */
  others: string;
}

/** Keeps the `limit` largest buffers. For all others it keeps the largest of them, so that no buffer becomes too small. */
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
