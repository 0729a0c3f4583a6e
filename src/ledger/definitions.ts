import type { RecordedDefinition } from '../steps/evidence.js';
import { serverJson, type PairIdentity } from '../steps/identity.js';
import type { Query } from '../postgres/endpoint.js';
import { latestRunsSql, RUNS } from './latest-runs.js';
import { storable } from './storable.js';

/** The latest recorded definition of each of these sequences, by its name. */
export async function readDefinitions(
  query: Query,
  { pair, primary }: PairIdentity,
  sequences: readonly string[],
): Promise<ReadonlyMap<string, RecordedDefinition>> {
  const rows = await query<{
    sequence: string;
    definition: string;
    feeds: string[] | null;
    defaults: Record<string, string> | null;
  }>(
    `WITH latest AS (${latestRunsSql('primary', { pair: '$2', server: '$3', runs: '$4' })})
     SELECT given.sequence, last.definition, last.feeds, last.defaults
     FROM unnest($1::text[]) AS given (sequence), LATERAL (
       -- A ledger of an older version lacks the column.
       SELECT s.definition, s.feeds, to_jsonb(s) -> 'defaults' AS defaults
       FROM latest JOIN sequence_failover.sequences s ON s.run_id = latest.run_id AND s.sequence = given.sequence
       WHERE s.definition IS NOT NULL
       ORDER BY latest.started_at DESC NULLS LAST, s.round DESC LIMIT 1
     ) AS last
     WHERE EXISTS (SELECT FROM latest)`,
    [sequences, storable(pair), serverJson(primary), RUNS],
  );
  return new Map(
    rows.map(({ sequence, definition, feeds, defaults }) => [
      sequence,
      { definition, feeds: feeds ?? [], defaults },
    ]),
  );
}
