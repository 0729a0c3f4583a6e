import type { Query } from '../postgres/endpoint.js';
import type { PairIdentity } from '../steps/identity.js';
import { databasesOf, onSameDatabases } from './same-databases.js';
import { storable } from './storable.js';

/** The number of runs of a pair that stay, however old they are: a run without the primary takes its evidence from them. */
const LATEST_KEPT = 20;
/** The most runs that one statement deletes. The next run deletes more. */
const DELETED_AT_ONCE = 20;

/**
 * Deletes the oldest runs of a standing watch (mode `sync`) on a pair, with their rows. Failovers and promotions are never deleted, nor are runs on
 * a pair of the same name with other databases: several installations may share a ledger.
 *
 * @param keepMs how long they stay, in milliseconds
 */
export async function pruneRuns(query: Query, identity: PairIdentity, keepMs: number): Promise<number> {
  const [old] = await query<{ runs: string[] | null }>(
    `SELECT array_agg(run_id) AS runs FROM (
       SELECT run_id, started_at FROM (
         SELECT run_id, started_at, row_number() OVER (ORDER BY started_at DESC NULLS LAST) AS place
         FROM sequence_failover.runs WHERE pair = $1 AND mode = 'sync' AND state <> 'open'
           AND ${onSameDatabases('$5')}
           AND NOT EXISTS (SELECT FROM sequence_failover.promotions AS p WHERE p.run_id = runs.run_id)
       ) AS ended
       WHERE place > $3 AND started_at < now() - $2 * interval '1 millisecond'
       ORDER BY started_at LIMIT $4
     ) AS oldest`,
    [storable(identity.pair), keepMs, LATEST_KEPT, DELETED_AT_ONCE, databasesOf(identity)],
  );
  const runs = old?.runs ?? [];
  if (runs.length === 0) return 0;
  await query('DELETE FROM sequence_failover.sequences WHERE run_id = ANY ($1::text[])', [runs]);
  await query('DELETE FROM sequence_failover.runs WHERE run_id = ANY ($1::text[])', [runs]);
  return runs.length;
}
