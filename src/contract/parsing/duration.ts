import ms, { type StringValue } from 'ms';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const A_YEAR = { ms: 365 * DAY_MS, text: '365 days' };

/**
 * The milliseconds, rounded up, of a number with a unit that the package `ms` knows, such as "90 seconds" or "24h". Null for
 * anything else, also for a number without a unit, and for 0 and negative numbers.
 */
export function durationMs(text: string): number | null {
  // `ms` reads a number without a unit as milliseconds, which the sender probably did not mean.
  if (!/[a-z]$/i.test(text)) return null;
  const value = ms(text as StringValue) as number | undefined;
  return value !== undefined && value > 0 ? Math.ceil(value) : null;
}

/** A duration with a unit, from `leastMs` to `most`. */
export function duration(example: string, leastMs: number, least: string, most = A_YEAR) {
  const expected =
    `a duration with a unit, from ${least} to ${most.text}, such as "${example}" ` +
    '(units: ms, seconds, minutes, hours, days, weeks)';
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number' ? `${expected}; say which unit the number is in` : expected,
    })
    .refine(
      (text) => {
        const value = durationMs(text);
        return value !== null && value >= leastMs && value <= most.ms;
      },
      { error: expected },
    );
}

/** The milliseconds of a duration that the schema has accepted. */
export function milliseconds(text: string): number {
  const value = durationMs(text);
  if (value === null) throw new RangeError(`not a duration: ${text}`);
  return value;
}
