import type { Identity } from '../contract/steps.js';
import { arrayLiteral } from './array-literal.js';
import type { Endpoint } from './endpoint.js';

/**
 * Which of the connected database's tables any of its subscriptions, enabled or not, writes to. Of a partitioned table
 * the root or the partitions are subscribed, as `publish_via_partition_root` says; a sequence may be found to feed either.
 *
 * @param tables by oid; what is subscribed besides is not looked at
 */
export async function readSubscribedTables(
  endpoint: Endpoint,
  expected: Identity | null,
  tables: readonly number[],
): Promise<Set<number>> {
  if (tables.length === 0) return new Set();
  const rows = await endpoint.transaction({ access: 'read only', expected, locks: 0 }, (query) =>
    // Of this database alone: pg_subscription_rel is no shared catalog.
    query<{ oid: number }>(
      `SELECT c.oid FROM pg_class c
       WHERE c.oid = ANY ($1::oid[]) AND (
         EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid = c.oid)
         OR c.relispartition
            AND EXISTS (SELECT FROM pg_partition_ancestors(c.oid) JOIN pg_subscription_rel ON srrelid = relid)
         OR c.relkind = 'p'
            AND EXISTS (SELECT FROM pg_partition_tree(c.oid) JOIN pg_subscription_rel ON srrelid = relid)
       )`,
      [arrayLiteral(tables)],
    ),
  );
  return new Set(rows.map(({ oid }) => oid));
}
