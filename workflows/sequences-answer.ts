import { parseSequencesQuery } from '../src/contract/messages.js';
import type { PageAddress, SequenceRow, SequencesAnswer } from '../src/contract/status.js';

/**
 * Answers the query `sequences` with rows in their order.
 *
 * @throws Error if the argument is invalid, or `after` is no row. A query that throws does no harm
 */
export function answerSequences(
  rows: readonly SequenceRow[],
  pages: readonly PageAddress[],
  args: readonly unknown[],
): SequencesAnswer {
  const query = parseSequencesQuery(args);
  if (!query.ok) throw new Error(query.message);
  const { after, limit, outcome } = query.value;
  let start = 0;
  if (after !== undefined) {
    start = rows.findIndex(({ sequence }) => sequence === after) + 1;
    if (start === 0) {
      throw new Error(
        `after: no sequence ${JSON.stringify(after)} here; pass the \`next\` of the previous answer, or leave it out`,
      );
    }
  }
  const matching = rows.slice(start).filter((row) => outcome === undefined || row.outcome === outcome);
  const answer = matching.slice(0, limit);
  const last = matching.length > limit ? answer.at(-1) : undefined;
  return { rows: answer, next: last?.sequence ?? null, pages: [...pages] };
}
