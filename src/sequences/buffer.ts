import { decimal, divideRoundingUp, multiply } from './decimal.js';
import { MAX_BIGINT } from './sequence.js';

/** The named buffers, in calls of nextval. */
export const PRESETS = {
  low: 10_000n,
  medium: 100_000n,
  high: 1_000_000n,
  'time-critical': 10_000_000n,
} as const;

export type Preset = keyof typeof PRESETS;

/** Inserts per second × seconds × factor: the most calls on the primary until the standby takes over. */
export interface BufferFormula {
  peakInsertsPerSecond: number;
  maxFailoverSeconds: number;
  safetyFactor: number;
}

/** A buffer that is the same for every sequence; `calls` is a decimal string. */
export type FixedBuffer = { preset: Preset } | { calls: string } | BufferFormula;

/**
 * The buffer of a policy in calls of nextval, 0 to 9223372036854775807.
 *
 * A formula is the exact product of its three decimal numbers, rounded up. So 50 × 60 × 1.1 is 3300; floating-point
 * arithmetic would give 3301.
 *
 * @throws RangeError for an unknown preset, calls that are not a decimal integer, a factor that is negative or not
 * finite, and a result above 9223372036854775807. The message names the policy and the result.
 */
export function bufferCalls(policy: FixedBuffer): bigint {
  if ('preset' in policy) return presetCalls(policy.preset);
  if ('calls' in policy) return withinBigint(parseCalls(policy.calls), policy.calls);
  const { peakInsertsPerSecond, maxFailoverSeconds, safetyFactor } = policy;
  const product = multiply(
    decimal('peakInsertsPerSecond', peakInsertsPerSecond),
    decimal('maxFailoverSeconds', maxFailoverSeconds),
    decimal('safetyFactor', safetyFactor),
  );
  return withinBigint(
    divideRoundingUp(product),
    `${peakInsertsPerSecond} × ${maxFailoverSeconds} × ${safetyFactor}`,
  );
}

function presetCalls(preset: string): bigint {
  if (Object.hasOwn(PRESETS, preset)) return PRESETS[preset as Preset];
  throw new RangeError(
    `unknown buffer preset "${cut(preset)}": expected one of ${Object.keys(PRESETS).join(', ')}`,
  );
}

function parseCalls(calls: string): bigint {
  const digits = /^0*([0-9]+)$/.exec(calls)?.[1];
  if (digits === undefined) {
    throw new RangeError(
      `buffer calls "${cut(calls)}": expected a decimal integer of 0 or more, such as "10000"`,
    );
  }
  // 20 digits are already beyond bigint, and the time of parsing grows with the square of the digits.
  return BigInt(digits.slice(0, 20));
}

function withinBigint(calls: bigint, source: string): bigint {
  if (calls <= MAX_BIGINT) return calls;
  const digits = calls.toString();
  const result = digits.length > 40 ? `a number of ${digits.length} digits` : digits;
  throw new RangeError(
    source === digits
      ? `buffer of ${result} calls is beyond ${MAX_BIGINT.toString()}, the largest bigint: choose a smaller one`
      : `buffer of ${cut(source)} calls is ${result}, beyond ${MAX_BIGINT.toString()}, the largest bigint: choose a smaller one`,
  );
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
