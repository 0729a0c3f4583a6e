import type { FleetOutcome, PairsAnswer } from '../../src/contract/fleet-status.js';
import { answerRows, type RowsQuery } from '../answer-rows.js';
import { type Member, toRow } from './member.js';

/**
 * Answers the query `pairs`: pairs in the order in which they are started.
 *
 * @throws Error if `after` is no pair of the fleet
 */
export function answerPairs(members: readonly Member[], query: RowsQuery<FleetOutcome>): PairsAnswer {
  const { rows, next } = answerRows(
    members,
    query,
    ({ pair }) => pair,
    (quoted) => `no pair ${quoted} in this fleet`,
  );
  return { rows: rows.map(toRow), next };
}
