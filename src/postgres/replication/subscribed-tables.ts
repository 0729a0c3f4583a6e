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
    // pg_partition_ancestors and pg_partition_tree came with PostgreSQL 12. OFFSET 0 keeps each look-up one by index.
    `WITH RECURSIVE
     asked AS (
       SELECT c.* FROM unnest(${oidArray(tables)}) AS given (oid) CROSS JOIN LATERAL (
         SELECT c.oid, c.relispartition, c.relkind FROM pg_class c WHERE c.oid = given.oid OFFSET 0
       ) c
     ),
     ancestor (oid, relid) AS (
       SELECT oid, oid FROM asked WHERE relispartition
       UNION
       SELECT a.oid, i.inhparent
       FROM ancestor a CROSS JOIN LATERAL (SELECT inhparent FROM pg_inherits WHERE inhrelid = a.relid OFFSET 0) i
     ),
     partition (oid, relid) AS (
       SELECT oid, oid FROM asked WHERE relkind = 'p'
       UNION
       SELECT p.oid, i.inhrelid
       FROM partition p CROSS JOIN LATERAL (SELECT inhrelid FROM pg_inherits WHERE inhparent = p.relid OFFSET 0) i
     ),
     related (oid, relid) AS (
       SELECT oid, oid FROM asked UNION ALL SELECT oid, relid FROM ancestor UNION ALL SELECT oid, relid FROM partition
     )
     SELECT DISTINCT r.oid
     FROM related r CROSS JOIN LATERAL (SELECT FROM pg_subscription_rel WHERE srrelid = r.relid LIMIT 1) s`,
  ]);
  return new Set(rows.map(({ oid }) => oid));
}
