/** A query for rows: at most `limit` rows after the row named `after`; with `outcome`, only rows with this outcome. */
export interface RowsQuery<O> {
  after?: string | undefined;
  limit: number;
  outcome?: O | undefined;
}

/** Rows in their order, and the name to pass as `after` for the next ones; null after the last row. */
export interface RowsAnswer<R> {
  rows: R[];
  next: string | null;
}

/**
 * @param missing says that there is no row of this name
 * @throws Error if `after` is no row. A query that throws does no harm
 */
export function answerRows<O, R extends { outcome: O }>(
  rows: readonly R[],
  { after, limit, outcome }: RowsQuery<O>,
  nameOf: (row: R) => string,
  missing: (quoted: string) => string,
): RowsAnswer<R> {
  const start = after === undefined ? 0 : rows.findIndex((row) => nameOf(row) === after) + 1;
  if (after !== undefined && start === 0) {
    throw new Error(
      `after: ${missing(JSON.stringify(after))}; pass the \`next\` of the previous answer, or leave it out`,
    );
  }
  const matching = rows.slice(start).filter((row) => outcome === undefined || row.outcome === outcome);
  const answer = matching.slice(0, limit);
  const last = matching.length > limit ? answer.at(-1) : undefined;
  return { rows: answer, next: last === undefined ? null : nameOf(last) };
}
