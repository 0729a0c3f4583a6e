import type { Identity } from '../../steps/identity.js';
import { oidArray } from '../array-literal.js';
import type { Endpoint } from '../endpoint.js';

/**
 * The tables among `tables` to which a subscription of the connected database writes, enabled or not. For a partitioned table,
 * `publish_via_partition_root` decides whether the root or the partitions are subscribed; a sequence may feed either of them.
 *
 * @param tables oids
 */
export async function readSubscribedTables(
  endpoint: Endpoint,
  expected: Identity | null,
  tables: readonly number[],
): Promise<Set<number>> {
  if (tables.length === 0) return new Set();
  // pg_subscription_rel is not a shared catalog, so it has only the subscriptions of this database.
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
