import { expect, it } from 'vitest';
import { isUnanswered } from '../../../src/client/snapshot.js';
import { GRPC_CODES } from '../../../src/temporal/grpc-errors.js';

it.each([
  ['deadlineExceeded', 0, true],
  ['failedPrecondition', 14_000, true],
  // The server has ended the call at its deadline, which may be a little earlier.
  ['cancelled', 300, true],
  ['cancelled', -2_000, true],
  ['cancelled', 14_000, false],
  ['unavailable', 0, false],
  ['notFound', 14_000, false],
] as const)(
  'a query that fails as %s, %i ms before its deadline, went unanswered: %s',
  (code, leftMs, is) => {
    expect(isUnanswered(GRPC_CODES[code], leftMs)).toBe(is);
  },
);
