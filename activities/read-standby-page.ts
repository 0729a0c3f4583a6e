import type { PageRange, PairIdentity } from '../src/steps/steps.js';
import type { StandbyFeed, StandbySequence } from '../src/planning/standby-sequence.js';
import { readFurthest } from '../src/postgres/sequences/read-furthest.js';
import { readSequences } from '../src/postgres/sequences/read-sequences.js';
import { readSubscribedTables } from '../src/postgres/replication/subscribed-tables.js';
import type { Pair } from './dependencies.js';
import { aboutPage } from './page-topic.js';

const noFeeds: readonly StandbyFeed[] = [];

/** A page of the standby, as the planning takes it. */
export async function readStandbyPage(
  pair: Pair,
  identity: PairIdentity,
  range: PageRange,
): Promise<StandbySequence[]> {
  const standby = aboutPage(pair.standby, range);
  const sequences = await readSequences(standby, identity.standby, range);
  const tables = new Set(sequences.flatMap(({ feeds }) => feeds.map(({ oid }) => oid)));
  const [subscribed, data] = await Promise.all([
    readSubscribedTables(standby, identity.standby, [...tables]),
    readFurthest(standby, identity.standby, sequences),
  ]);
  // Field by field: an object made by a rest pattern takes several times as long, and a page is thousands.
  return sequences.map((read) => ({
    schema: read.schema,
    name: read.name,
    sequence: read.sequence,
    oid: read.oid,
    definition: read.definition,
    temporary: read.persistence === 'temporary',
    unlogged: read.persistence === 'unlogged',
    extension: read.extension,
    grantsToSet: read.grantsToSet,
    feeds:
      read.feeds.length === 0
        ? noFeeds
        : read.feeds.map(({ column, oid, attnum, name, plain, via, type, limits, persistence }) => ({
            column,
            oid,
            attnum,
            name,
            plain,
            via,
            type,
            limits,
            subscribed: subscribed.has(oid),
            logged: persistence === 'permanent',
          })),
    furthest: data.get(read.oid)?.furthest ?? null,
    dataNotChecked: data.get(read.oid)?.notChecked ?? null,
    reading: read.reading,
  }));
}
