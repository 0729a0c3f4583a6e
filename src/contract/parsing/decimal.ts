import { z } from 'zod';
import { MAX_BIGINT } from '../../sequences/sequence.js';

const EXPECTED = `a decimal string of 0 to ${MAX_BIGINT.toString()}, such as "10000"`;

/** A whole number of 0 to 9223372036854775807 as a string: a JSON number beyond 2^53 has lost digits by the time it is read. */
export const decimalString = z
  .string({
    error: ({ input }) => (typeof input === 'number' ? `${EXPECTED}; put the number in quotes` : EXPECTED),
  })
  .refine((text) => /^\d{1,19}$/.test(text) && BigInt(text) <= MAX_BIGINT, { error: EXPECTED });
