import { parseSequencesQuery } from '../src/contract/messages.js';
import type { PageAddress, SequenceRow, SequencesAnswer } from '../src/contract/status.js';
import { answerRows } from './answer-rows.js';

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
  const answer = answerRows(
    rows,
    query.value,
    ({ sequence }) => sequence,
    (quoted) => `no sequence ${quoted} here`,
  );
  return { ...answer, pages: [...pages] };
}
