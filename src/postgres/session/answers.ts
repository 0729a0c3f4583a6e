import type { QueryResult } from 'pg';
import type { Row } from '../endpoint.js';

/** The result of one statement, or the results of several in one message. */
export type Answer = QueryResult | QueryResult[];

/** The rows of each statement. */
export function rowsOfEach<R extends Row>(results: Answer): R[][] {
  return [results].flat().map(({ rows }) => rows as R[]);
}

/** The rows of the last statement. */
export function rowsOfLast<R extends Row>(results: Answer): R[] {
  return rowsOfEach<R>(results).at(-1) ?? [];
}

/** The command tag of the last statement, such as `COMMIT`. */
export function commandTagOf(results: Answer): string | undefined {
  return [results].flat().at(-1)?.command;
}
