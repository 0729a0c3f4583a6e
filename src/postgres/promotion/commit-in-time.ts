import { escapeLiteral } from 'pg';
import type { Identity } from '../../steps/identity.js';
import { catalogLocks, type Endpoint } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';

/** The time within which a change must be committed: it begins at `since`, by the server's clock. */
export interface CommitLimit {
  since: string;
  withinMs: number;
}

/** The change was not committed in time, and so not at all. */
export class TooLateError extends Error {
  override readonly name = 'TooLateError';
}

const writing = (expected: Identity) =>
  ({
    access: 'read write',
    expected,
    locks: catalogLocks,
    lockTimeoutMs: 2_000,
    statementTimeoutMs: 10_000,
  }) as const;

/**
 * Runs the statements in one transaction. The server itself decides whether it is still in time to commit: a message may have been under way for
 * long, and the worker that sent it may have stood still. The COMMIT itself may take longer where it waits for a synchronous standby.
 *
 * @param limit null: no limit
 * @throws TooLateError
 */
export async function commitInTime(
  endpoint: Endpoint,
  expected: Identity,
  statements: readonly string[],
  limit: CommitLimit | null,
): Promise<void> {
  const check = limit === null ? [] : [failUnlessInTime(limit)];
  try {
    await endpoint.transaction(writing(expected), (query) => query.last([...statements, ...check]));
  } catch (error) {
    // None of the other statements converts a text.
    if (limit === null || classify(error).sqlstate !== SQLSTATE.invalidTextRepresentation) throw error;
    throw new TooLateError(
      `the change could not be committed within ${limit.withinMs} ms, so it was not made`,
      { cause: error },
    );
  }
}

/** A condition in SQL. */
export function isInTime({ since, withinMs }: CommitLimit): string {
  return `clock_timestamp() < ${escapeLiteral(since)}::timestamptz + ${withinMs} * interval '1 millisecond'`;
}

/** An error is the only way in which a statement can end a transaction. */
function failUnlessInTime(limit: CommitLimit): string {
  return `SELECT CAST(CASE WHEN ${isInTime(limit)} THEN '1' ELSE 'too late' END AS integer)`;
}
