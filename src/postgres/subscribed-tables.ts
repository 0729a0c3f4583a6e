import type { Identity } from '../contract/steps.js';
import type { Endpoint } from './endpoint.js';

/**
 * The oids of the connected database's tables that any of its subscriptions, enabled or not, writes to. Of a partitioned table
 * the root or the partitions are subscribed, as `publish_via_partition_root` says; a sequence may be found to feed either.
 */
export async function readSubscribedTables(
  endpoint: Endpoint,
  expected: Identity | null,
): Promise<Set<number>> {
  const rows = await endpoint.transaction({ access: 'read only', expected, locks: 0 }, (query) =>
    // Of this database alone: pg_subscription_rel is no shared catalog.
    query<{ oid: number }>(
      `SELECT srrelid AS oid FROM pg_subscription_rel
       UNION SELECT relid FROM pg_subscription_rel, pg_partition_ancestors(srrelid)
       UNION SELECT relid FROM pg_subscription_rel, pg_partition_tree(srrelid)`,
    ),
  );
  return new Set(rows.map(({ oid }) => oid));
}
