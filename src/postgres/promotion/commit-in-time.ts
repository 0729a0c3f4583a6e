import { escapeLiteral } from 'pg';
import type { Identity } from '../../steps/identity.js';
import { CATALOG_LOCKS, type Endpoint, type TransactionOptions } from '../endpoint.js';
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
    locks: CATALOG_LOCKS,
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
  await transactInTime(endpoint, writing(expected), statements, limit);
}

/** The same with other options. @throws TooLateError */
export async function transactInTime(
  endpoint: Endpoint,
  options: TransactionOptions,
  statements: readonly string[],
  limit: CommitLimit | null,
): Promise<void> {
  await orTooLate(limit, () =>
    endpoint.transaction(options, (query) => query.last([...statements, ...lastIfInTime(limit)])),
  );
}

/** The last statement of a transaction that must be committed in time; none without a limit. Its error becomes one of {@link orTooLate}. */
export function lastIfInTime(limit: CommitLimit | null): string[] {
  // An error is the only way in which a statement can end a transaction.
  return limit === null
    ? []
    : [`SELECT CAST(CASE WHEN ${isInTime(limit)} THEN '1' ELSE 'too late' END AS integer)`];
}

/** Runs a transaction that ends with {@link lastIfInTime}, and of which no other statement converts a text. @throws TooLateError */
export async function orTooLate<T>(limit: CommitLimit | null, transaction: () => Promise<T>): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
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
