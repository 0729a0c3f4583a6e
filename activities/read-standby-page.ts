import type { StandbyFeed, StandbySequence } from '../src/planning/standby-sequence.js';
import { type ColumnLimits, readColumnLimits } from '../src/postgres/sequences/column-limits.js';
import { feedKey } from '../src/postgres/sequences/data-columns.js';
import type { Feed } from '../src/postgres/sequences/feeds.js';
import { limitsOfOwner } from '../src/postgres/sequences/limits-of-owner.js';
import { readFurthest } from '../src/postgres/sequences/read-furthest.js';
import { readSequences } from '../src/postgres/sequences/read-sequences.js';
import type { SequenceReading } from '../src/postgres/sequences/sequence-reading.js';
import { readSubscribedTables } from '../src/postgres/replication/subscribed-tables.js';
import { forPage } from './page-affinity.js';
import type { PageOfPair } from './page-of-pair.js';

const noFeeds: readonly StandbyFeed[] = [];

/** A page of the standby, in the form that the planning needs. */
export async function readStandbyPage(page: PageOfPair): Promise<StandbySequence[]> {
  return withRows(page, await readStandbySequences(page));
}

/** The definitions and positions of the sequences of a page. */
export async function readStandbySequences({
  pair,
  identity,
  range,
}: PageOfPair): Promise<SequenceReading[]> {
  return readSequences(forPage(pair.standby, range), identity.standby, range);
}

/**
 * Adds the furthest rows and the limits of the fed columns.
 *
 * @param again whether the page is read again soon
 */
export async function withRows(
  { pair, identity, range }: PageOfPair,
  sequences: readonly SequenceReading[],
  again = false,
): Promise<StandbySequence[]> {
  const standby = forPage(pair.standby, range);
  const fed = sequences.flatMap(({ feeds }) => feeds);
  const tables = new Set(fed.map(({ oid }) => oid));
  const [subscribed, data, columnLimits] = await Promise.all([
    readSubscribedTables(standby, identity.standby, [...tables]),
    readFurthest(standby, identity.standby, sequences, again),
    readColumnLimits(standby, identity.standby, fed),
  ]);
  // Each field is assigned on its own: a rest pattern takes several times as long, and a page has thousands of sequences.
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
        : read.feeds.map((feed) => toFeed(feed, subscribed.has(feed.oid), columnLimits.get(feedKey(feed)))),
    furthest: data.get(read.oid)?.furthest ?? null,
    dataNotChecked: data.get(read.oid)?.notChecked ?? null,
    reading: read.reading,
  }));
}

function toFeed(feed: Feed, subscribed: boolean, found: ColumnLimits | undefined): StandbyFeed {
  const of: StandbyFeed = {
    column: feed.column,
    oid: feed.oid,
    attnum: feed.attnum,
    name: feed.name,
    plain: feed.plain,
    via: feed.via,
    type: feed.type,
    limits: feed.limits,
    isAlone: feed.isAlone,
    subscribed,
    logged: feed.persistence === 'permanent',
  };
  if (feed.inheritedFrom !== undefined) of.inheritedFrom = feed.inheritedFrom;
  if (feed.relkind === 'v') of.ofView = true;
  if (found === undefined) return of;
  const { limits, notComputed, domain } = feed.via === 'owned' ? limitsOfOwner(found) : found;
  of.limits = [...feed.limits, ...limits];
  of.notComputed = notComputed;
  if (domain !== undefined) of.domain = domain;
  return of;
}
