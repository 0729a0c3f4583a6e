import type { SideOfPair } from '../contract/side.js';

/** The number of a pair's latest runs in which the rows of a sequence are searched. A run may not have every sequence. */
export const RUNS = 100;

/**
 * A query for the latest runs of a pair that have rows, for a `WITH` under the name `latest`. The statement has to name `latest` twice, as in
 * `WHERE EXISTS (SELECT FROM latest)`: then the server reads it once. AS MATERIALIZED came with PostgreSQL 12.
 *
 * @param parameters the statement's parameters for the pair, the server on this side as `serverJson` writes it, and {@link RUNS}
 */
export function latestRunsSql(
  side: SideOfPair,
  parameters: { pair: string; server: string; runs: string },
): string {
  return `
    SELECT r.run_id, r.started_at FROM sequence_failover.runs r
    WHERE r.pair = ${parameters.pair} AND r.${side}_server @> ${parameters.server}::jsonb
      AND EXISTS (SELECT FROM sequence_failover.sequences s WHERE s.run_id = r.run_id)
    ORDER BY r.started_at DESC NULLS LAST LIMIT ${parameters.runs}`;
}
