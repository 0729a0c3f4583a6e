import type { Identity } from '../../steps/identity.js';
import { oidArray } from '../array-literal.js';
import type { Endpoint } from '../endpoint.js';

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
  // Of this database alone: pg_subscription_rel is no shared catalog.
  const [rows = []] = await endpoint.read<{ oid: number }>({ expected, locks: 0 }, [
    `SELECT c.oid FROM pg_class c
       WHERE c.oid = ANY (${oidArray(tables)}) AND (
         EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid = c.oid)
         OR c.relispartition
            AND EXISTS (SELECT FROM pg_partition_ancestors(c.oid) JOIN pg_subscription_rel ON srrelid = relid)
         OR c.relkind = 'p'
            AND EXISTS (SELECT FROM pg_partition_tree(c.oid) JOIN pg_subscription_rel ON srrelid = relid)
       )`,
  ]);
  return new Set(rows.map(({ oid }) => oid));
}
