import type { Definition } from '../sequences/sequence.js';
import type { StandbyFeed, StandbySequence } from './standby-sequence.js';

/** A sequence of the primary, as its catalog says. */
export interface WithFeeds {
  schema: string;
  name: string;
  definition: Pick<Definition, 'increment'>;
  feeds: readonly { column: string; isAlone: boolean }[];
}

/**
 * Leaves out the sequences of the primary whose rows the standby's own rows stand for. That is so once the standby has confirmed what the
 * primary had written: each column that such a sequence feeds is one that the sequence of the same name feeds on the standby, in a table
 * that is subscribed as a whole, and whose rows were looked at there.
 *
 * @param standby of the same page
 */
export function withoutCovered<T extends WithFeeds>(
  primary: readonly T[],
  standby: readonly StandbySequence[],
): T[] {
  const byName = new Map(standby.map((one) => [keyOf(one), one]));
  return primary.filter((one) => {
    const namesake = byName.get(keyOf(one));
    return namesake === undefined || !isCovered(one, namesake);
  });
}

/** No name holds the character 0. */
function keyOf({ schema, name }: { schema: string; name: string }): string {
  return `${schema}\0${name}`;
}

function isCovered({ definition, feeds }: WithFeeds, standby: StandbySequence): boolean {
  const isSameWay = definition.increment > 0n === standby.definition.increment > 0n;
  if (standby.dataNotChecked !== null || !isSameWay) return false;
  return feeds.every(
    ({ column, isAlone }) =>
      isAlone && standby.feeds.some((feed) => feed.column === column && holdsAll(feed)),
  );
}

function holdsAll({ isAlone, subscribed, logged, plain, via, type }: StandbyFeed): boolean {
  const isLookedAt = (plain || via === 'owned') && type !== null;
  return isAlone && subscribed && logged && isLookedAt;
}
