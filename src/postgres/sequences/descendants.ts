import type { Identity } from '../../steps/identity.js';
import { arrayLiteral, oidArray, textArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { feedKey } from './data-columns.js';
import type { Feed } from './feeds.js';
import type { Partitioning } from './partition-bounds.js';

/** A table of the tree below a fed column: its own table, a partition, or an inheriting table. */
export interface TreeTable {
  oid: number;
  /** Null for the table of the column itself. */
  parent: number | null;
  schema: string;
  table: string;
  /** `FOR VALUES …` or `DEFAULT`; null for a table that is no partition. */
  bound: string | null;
  /** Null for a table that is not partitioned. */
  partitioning: Partitioning | null;
  /** The check constraints that mention the column, or the whole row, and are not inherited. */
  checks: { oid: number; name: string; wholeRow: boolean }[];
  /** The names of the foreign keys that the column is part of and that are not inherited. */
  foreignKeys: string[];
}

type FedColumn = Pick<Feed, 'oid' | 'attnum' | 'name' | 'relkind' | 'isAlone'>;

/** The tables with partitions or inheriting tables, each with the tree below it, by `feedKey`. No table is locked. */
export async function readTrees(
  endpoint: Endpoint,
  expected: Identity,
  feeds: readonly FedColumn[],
): Promise<Map<string, TreeTable[]>> {
  const trees = new Map<string, TreeTable[]>();
  const some = feeds.filter(({ isAlone, relkind }) => !isAlone && relkind !== 'v');
  if (some.length === 0) return trees;
  const [rows = []] = await endpoint.read<TreeRow>({ expected, locks: CATALOG_LOCKS }, [treesSql(some)]);
  for (const row of rows) {
    const key = feedKey({ oid: Number(row.root), attnum: row.attnum });
    const tree = trees.get(key) ?? [];
    trees.set(key, tree);
    tree.push({
      oid: Number(row.oid),
      parent: row.parent === null ? null : Number(row.parent),
      ...{ schema: row.schema, table: row.table, bound: row.bound },
      partitioning: row.partitioning,
      checks: row.checks ?? [],
      foreignKeys: row.references_to ?? [],
    });
  }
  for (const [key, tree] of trees) if (tree.length === 1) trees.delete(key);
  return trees;
}

interface TreeRow extends Record<string, unknown> {
  root: string;
  attnum: number;
  oid: string;
  parent: string | null;
  schema: string;
  table: string;
  bound: string | null;
  partitioning: Partitioning | null;
  checks: TreeTable['checks'] | null;
  references_to: string[] | null;
}

/**
 * A table that inherits from several has a row for each parent. Columns are found by name, since a partition can have them in another order.
 * OFFSET 0 makes each look-up use an index, whatever the statistics of the catalogs say. Expressions among the keys are searched in their
 * stored tree, since pg_get_partkeydef would lock the table.
 */
const treesSql = (feeds: readonly FedColumn[]) => `
  WITH RECURSIVE
  top AS (
    SELECT DISTINCT root, attnum, attname FROM unnest(
      ${oidArray(feeds.map(({ oid }) => oid))}, '${arrayLiteral(feeds.map(({ attnum }) => attnum))}'::int2[],
      ${textArray(feeds.map(({ name }) => name))}::name[]
    ) a (root, attnum, attname)
  ),
  below AS (
    SELECT root, attnum, attname, root AS oid, NULL::oid AS parent FROM top
    UNION
    SELECT b.root, b.attnum, b.attname, i.inhrelid, b.oid
    FROM below b CROSS JOIN LATERAL (SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = b.oid OFFSET 0) i
  )
  SELECT b.root::int8, b.attnum, b.oid::int8, b.parent::int8, c.nspname AS schema, c.relname AS table, c.bound,
         p.partitioning, k.checks, k.references_to
  FROM below b
  CROSS JOIN LATERAL (
    SELECT n.nspname, c.relname, pg_get_expr(c.relpartbound, 0) AS bound
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = b.oid AND c.relpersistence <> 't'
    OFFSET 0
  ) c
  CROSS JOIN LATERAL (
    SELECT a.attnum, t.typcategory FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = b.oid AND a.attname = b.attname AND NOT a.attisdropped
    OFFSET 0
  ) a
  LEFT JOIN LATERAL (
    SELECT json_build_object(
      'strategy', t.partstrat,
      -- partattrs counts from 0.
      'positions', (SELECT coalesce(json_agg(i ORDER BY i), '[]') FROM generate_series(0, t.partnatts - 1) i WHERE t.partattrs[i] = a.attnum),
      'inExpression', coalesce(t.partexprs::text ~ (':varattno ' || a.attnum || ' '), false),
      'isNumber', a.typcategory = 'N'
    ) AS partitioning
    FROM pg_partitioned_table t WHERE t.partrelid = b.oid
    OFFSET 0
  ) p ON true
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('oid', k.oid::int8, 'name', k.conname, 'wholeRow', 0 = ANY (k.conkey)) ORDER BY k.conname) FILTER (WHERE k.contype = 'c') AS checks,
           json_agg(k.conname ORDER BY k.conname) FILTER (WHERE k.contype = 'f') AS references_to
    FROM (
      SELECT k.oid, k.conname, k.contype, k.conkey FROM pg_constraint k
      WHERE k.conrelid = b.oid AND k.contype IN ('c', 'f') AND k.coninhcount = 0 AND b.parent IS NOT NULL
        AND (a.attnum = ANY (k.conkey) OR 0 = ANY (k.conkey))
      OFFSET 0
    ) k
  ) k`;
