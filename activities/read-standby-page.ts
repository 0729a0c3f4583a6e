import type { PageRange, PairIdentity } from '../src/contract/steps.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import { readFurthest } from '../src/postgres/read-furthest.js';
import { readSequences } from '../src/postgres/read-sequences.js';
import { readSubscribedTables } from '../src/postgres/subscribed-tables.js';
import type { Pair } from './dependencies.js';

/** A page of the standby, as the planning takes it. */
export async function readStandbyPage(
  pair: Pair,
  identity: PairIdentity,
  range: PageRange,
): Promise<StandbySequence[]> {
  const sequences = await readSequences(pair.standby, identity.standby, range);
  const tables = new Set(sequences.flatMap(({ feeds }) => feeds.map(({ oid }) => oid)));
  const [subscribed, data] = await Promise.all([
    readSubscribedTables(pair.standby, identity.standby, [...tables]),
    readFurthest(pair.standby, identity.standby, sequences),
  ]);
  return sequences.map(({ persistence, feeds, ...read }) => ({
    ...read,
    temporary: persistence === 'temporary',
    unlogged: persistence === 'unlogged',
    feeds: feeds.map(({ column, oid, limits, persistence: ofTable }) => ({
      column,
      limits,
      subscribed: subscribed.has(oid),
      logged: ofTable === 'permanent',
    })),
    furthest: data.get(read.oid)?.furthest ?? null,
    dataNotChecked: data.get(read.oid)?.notChecked ?? null,
  }));
}
