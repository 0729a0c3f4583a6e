import type { Definition } from '../../sequences/sequence.js';
import type { StandbyFeed, StandbySequence } from '../standby-sequence.js';

/** A sequence of the primary, as read from its catalog. */
export interface PrimaryWithFeeds {
  schema: string;
  name: string;
  definition: Pick<Definition, 'increment'>;
  feeds: readonly { column: string; isAlone: boolean }[];
}

/**
 * Returns the sequences of the primary whose rows have to be read on the primary. For the others the standby's rows are enough, once the
 * standby has confirmed what the primary had written: each of their columns is fed by the sequence of the same name on the standby, the
 * whole table is subscribed, and its rows were read on the standby.
 *
 * @param standby the standby's sequences of the same page
 */
export function sequencesToReadOnPrimary<T extends PrimaryWithFeeds>(
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

function isCovered({ definition, feeds }: PrimaryWithFeeds, standby: StandbySequence): boolean {
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
