import type { FleetOutcome, PairsAnswer } from '../../src/contract/fleet-status.js';
import { type Member, toRow } from './member.js';

/**
 * Answers the query `pairs`: pairs in the order in which they are started.
 *
 * @throws Error if `after` is no pair of the fleet
 */
export function answerPairs(
  members: readonly Member[],
  {
    after,
    limit,
    outcome,
  }: {
    after?: string | undefined;
    limit: number;
    outcome?: FleetOutcome | undefined;
  },
): PairsAnswer {
  let start = 0;
  if (after !== undefined) {
    start = members.findIndex(({ pair }) => pair === after) + 1;
    if (start === 0) {
      throw new Error(
        `after: no pair ${JSON.stringify(after)} in this fleet; pass the \`next\` of the previous answer, or leave it out`,
      );
    }
  }
  const matching = members
    .slice(start)
    .filter((member) => outcome === undefined || member.outcome === outcome);
  const answer = matching.slice(0, limit).map(toRow);
  return { rows: answer, next: matching.length > limit ? (answer.at(-1)?.pair ?? null) : null };
}
