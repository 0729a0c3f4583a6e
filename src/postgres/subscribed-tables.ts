import type { Identity } from '../contract/steps.js';
import type { Endpoint } from './endpoint.js';

/**
 * The oids of the connected database's tables that any of its subscriptions, enabled or not, writes to. A partitioned table
 * stands for its partitions where the publication has `publish_via_partition_root`.
 */
export async function readSubscribedTables(
  endpoint: Endpoint,
  expected: Identity | null,
): Promise<Set<number>> {
  const rows = await endpoint.transaction({ access: 'read only', expected, locks: 0 }, (query) =>
    // Of this database alone: pg_subscription_rel is no shared catalog.
    query<{ oid: number }>('SELECT DISTINCT srrelid AS oid FROM pg_subscription_rel'),
  );
  return new Set(rows.map(({ oid }) => oid));
}
