import { z } from 'zod';
import { MAX_BIGINT } from '../../sequences/sequence.js';

const EXPECTED = `a decimal string of 0 to ${MAX_BIGINT.toString()}, such as "10000"`;

/** A whole number from 0 to 9223372036854775807 as a string, because a JSON number above 2^53 loses digits when it is parsed. */
export const decimalString = z
  .string({
    error: ({ input }) => (typeof input === 'number' ? `${EXPECTED}; put the number in quotes` : EXPECTED),
  })
  .refine((text) => /^\d{1,19}$/.test(text) && BigInt(text) <= MAX_BIGINT, { error: EXPECTED });
