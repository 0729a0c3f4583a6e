import type { RecordedDefinition } from '../steps/evidence.js';
import type { PairIdentity } from '../steps/identity.js';
import type { Query } from '../postgres/endpoint.js';
import { RUNS } from './earlier-readings.js';
import { storable } from './storable.js';

/** The latest definition on record of each of these sequences, by its name. */
export async function readDefinitions(
  query: Query,
  { pair, primary }: PairIdentity,
  sequences: readonly string[],
): Promise<ReadonlyMap<string, RecordedDefinition>> {
  const { systemIdentifier, databaseOid } = primary;
  const rows = await query<{ sequence: string; definition: string; feeds: string[] | null }>(
    `WITH latest AS (
       SELECT r.run_id, r.started_at FROM sequence_failover.runs r
       WHERE r.pair = $2 AND r.primary_server @> $3::jsonb
         AND EXISTS (SELECT FROM sequence_failover.sequences s WHERE s.run_id = r.run_id)
       ORDER BY r.started_at DESC NULLS LAST LIMIT $4
     )
     SELECT given.sequence, last.definition, last.feeds
     FROM unnest($1::text[]) AS given (sequence), LATERAL (
       SELECT s.definition, s.feeds
       FROM latest JOIN sequence_failover.sequences s ON s.run_id = latest.run_id AND s.sequence = given.sequence
       WHERE s.definition IS NOT NULL
       ORDER BY latest.started_at DESC NULLS LAST, s.round DESC LIMIT 1
     ) AS last
     WHERE EXISTS (SELECT FROM latest) -- Named twice, it is read once. AS MATERIALIZED came with PostgreSQL 12.`,
    [sequences, storable(pair), JSON.stringify({ systemIdentifier, databaseOid }), RUNS],
  );
  return new Map(
    rows.map(({ sequence, definition, feeds }) => [sequence, { definition, feeds: feeds ?? [] }]),
  );
}
