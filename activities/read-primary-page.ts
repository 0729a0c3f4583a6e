import type { PageRange, PairIdentity, PrimarySequence } from '../src/contract/steps.js';
import { type Furthest, readFurthest } from '../src/postgres/read-furthest.js';
import { readSequences, type SequenceReading } from '../src/postgres/read-sequences.js';
import type { Pair } from './dependencies.js';

/** A page of the primary, as the workflows carry it. */
export async function readPrimaryPage(
  pair: Pair,
  identity: PairIdentity,
  range: PageRange,
): Promise<PrimarySequence[]> {
  const sequences = await readSequences(pair.primary, identity.primary, range);
  const furthest = await readFurthest(pair.primary, identity.primary, sequences);
  return sequences.map((read) => toPrimarySequence(read, furthest.get(read.oid)));
}

function toPrimarySequence(read: SequenceReading, data: Furthest | undefined): PrimarySequence {
  const { schema, name, sequence, oid, definition, extension, feeds, reading } = read;
  const { increment, min, max, cache, cycle } = definition;
  return {
    schema,
    name,
    sequence,
    oid,
    increment: String(increment),
    min: String(min),
    max: String(max),
    cache: String(cache),
    ...(cycle ? { cycle } : {}),
    ...(feeds.length > 0 ? { feeds: feeds.map(({ column }) => column) } : {}),
    ...(data?.furthest == null ? {} : { furthest: String(data.furthest) }),
    ...(data?.notChecked == null ? {} : { dataNotChecked: data.notChecked }),
    ...(extension === null ? {} : { extension }),
    ...(read.persistence === 'temporary' ? { temporary: true as const } : {}),
    ...('problem' in reading
      ? { problem: reading.problem }
      : { last: String(reading.position.lastValue), called: reading.position.isCalled }),
  };
}
