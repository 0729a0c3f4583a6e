import { type PairIdentity, serverJson } from '../steps/identity.js';
import type { Query } from '../postgres/endpoint.js';
import { latestRunsSql, RUNS } from './latest-runs.js';
import { readLastReplaced } from './promotions.js';
import { storable } from './storable.js';

/**
 * The positions of the primary's sequences in earlier rounds, by `sequence`, the latest first. The runs give the order, and not `at`: that is
 * the time by a worker's clock, and a clock that was ahead once must not hide what was read later.
 */
export type EarlierReadings = ReadonlyMap<string, Readings>;
type Readings = readonly RecordedReading[];

interface RecordedReading {
  next: bigint;
  /** By the worker's clock, in milliseconds since 1970. */
  at: number;
  /** When its run started, by Temporal's clock, in milliseconds since 1970. */
  runAt: number;
}

/** The most readings of a sequence that are used, and their greatest age. An older load says little about the present one. */
const LATEST = 20;
const AGE = '30 days';
/** Used if the primary is lost: then the last reading counts, however old it is. */
const ANY_AGE = '1000 years';

/** The readings of the present primary that give a rate together with a reading of now: those since it was last made the primary. */
export async function readEarlier(
  query: Query,
  identity: PairIdentity,
  sequences: readonly string[],
): Promise<EarlierReadings> {
  const readings = await readRecorded(query, identity, sequences, AGE);
  const replaced = await readLastReplaced(query, identity);
  return replaced === null
    ? readings
    : eachOf(readings, (all) => all.filter(({ runAt }) => runAt > replaced));
}

/**
 * The latest readings of a lost primary, however old they are: of each sequence all since the server was last made the primary, or, if there are
 * none, all before.
 */
export async function readLast(
  query: Query,
  identity: PairIdentity,
  sequences: readonly string[],
): Promise<EarlierReadings> {
  const readings = await readRecorded(query, identity, sequences, ANY_AGE);
  const replaced = await readLastReplaced(query, identity);
  if (replaced === null) return readings;
  return eachOf(readings, (all) => {
    const isOfLatestTime = (all[0]?.runAt ?? 0) > replaced;
    return isOfLatestTime ? all.filter(({ runAt }) => runAt > replaced) : all;
  });
}

/**
 * The readings of the present primary by runs on this pair. Rows without the time of the reading, which older versions wrote, are left out. While
 * the server was no primary, promotions have moved its sequences ahead. So readings from before that time and from after it give no rate.
 */
async function readRecorded(
  query: Query,
  identity: PairIdentity,
  sequences: readonly string[],
  age: string,
): Promise<EarlierReadings> {
  const { pair, primary } = identity;
  const rows = await query<{ sequence: string; next: string; at: string; runAt: string }>(
    `WITH latest AS (${latestRunsSql('primary', { pair: '$3', server: '$4', runs: '$6' })})
     SELECT given.sequence, earlier.next::text, earlier.at::text, earlier."runAt"::text
     FROM unnest($1::text[]) AS given (sequence), LATERAL (
       SELECT s.primary_next AS next, s.round, floor(extract(epoch FROM s.primary_read_at) * 1000)::bigint AS at,
         floor(extract(epoch FROM coalesce(latest.started_at, s.primary_read_at)) * 1000)::bigint AS "runAt"
       FROM latest JOIN sequence_failover.sequences s ON s.run_id = latest.run_id AND s.sequence = given.sequence
       WHERE s.primary_next IS NOT NULL AND s.primary_read_at > now() - $2::interval
       ORDER BY "runAt" DESC, s.round DESC LIMIT $5
     ) AS earlier
     WHERE EXISTS (SELECT FROM latest)
     ORDER BY given.sequence, earlier."runAt" DESC, earlier.round DESC`,
    [sequences, age, storable(pair), serverJson(primary), LATEST, RUNS],
  );
  const readings = new Map<string, RecordedReading[]>();
  for (const { sequence, next, at, runAt } of rows) {
    const reading = { next: BigInt(next), at: Number(at), runAt: Number(runAt) };
    const known = readings.get(sequence);
    if (known === undefined) readings.set(sequence, [reading]);
    else known.push(reading);
  }
  return readings;
}

function eachOf(readings: EarlierReadings, part: (all: Readings) => Readings): EarlierReadings {
  return new Map([...readings].map(([sequence, all]) => [sequence, part(all)]));
}
