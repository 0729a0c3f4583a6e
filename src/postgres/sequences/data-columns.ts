import type { Identity } from '../../steps/identity.js';
import type { ReadObstacle } from '../../steps/read-problem.js';
import { arrayLiteral, oidArray, textArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import type { Feed } from './feeds.js';

/** A table with rows of a fed column: the table of the column, or a table below it (a partition or an inheriting table). */
export interface DataColumn {
  oid: number;
  /** `quote_ident`ed schema.table. */
  table: string;
  /** `quote_ident`ed. */
  column: string;
  /** Whether its rows are in a file of its own, which is empty if there are none. */
  isHeap: boolean;
  /** The number of relation locks that a query of the table takes: one for the table, and one for each index. */
  locks: number;
  /** Whether an index has the rows in the order of `ORDER BY`, ascending or descending, with nulls in their default place. */
  isOrdered: boolean;
  /**
   * Whether a unique index has the column, also among others, in an expression, or for a part of the rows: then a value that comes again may
   * be refused.
   */
  isUnique: boolean;
  /** Whether such an index has this column alone, and all rows: then no two rows have the same value. */
  isUniqueAlone: boolean;
  /** Whether the column is in the primary key, and therefore never null. A NOT NULL constraint alone may not be validated. */
  isInPrimaryKey: boolean;
  /** Why the rows cannot be read, or only by reading the whole table; null if they can. */
  obstacle: ReadObstacle | null;
}

/** Feeds that were looked up before: a feed that is kept in a `CatalogMemory` is used again only while the catalogs have not changed. */
const known = new WeakMap<object, DataColumn[]>();

/** The tables of each feed, by the key of `feedKey`: the table's oid and the column's number. It locks none of them. */
export async function findDataColumns(
  endpoint: Endpoint,
  expected: Identity,
  feeds: readonly Pick<Feed, 'oid' | 'attnum' | 'name'>[],
): Promise<Map<string, DataColumn[]>> {
  const found = new Map<string, DataColumn[]>();
  const unknown: (typeof feeds)[number][] = [];
  for (const feed of feeds) {
    const columns = known.get(feed);
    if (columns === undefined) unknown.push(feed);
    else found.set(feedKey(feed), columns);
  }
  for (const [key, columns] of await lookUp(endpoint, expected, unknown)) found.set(key, columns);
  for (const feed of unknown) {
    const columns = found.get(feedKey(feed));
    if (columns !== undefined) known.set(feed, columns);
  }
  return found;
}

async function lookUp(
  endpoint: Endpoint,
  expected: Identity,
  feeds: readonly Pick<Feed, 'oid' | 'attnum' | 'name'>[],
): Promise<Map<string, DataColumn[]>> {
  const found = new Map<string, DataColumn[]>();
  if (feeds.length === 0) return found;
  const [rows = []] = await endpoint.read<DataColumnRow>({ expected, locks: CATALOG_LOCKS }, [
    dataColumnsSql(feeds),
  ]);
  for (const row of rows) {
    const { root, attnum, oid, table, column } = row;
    const key = feedKey({ oid: root, attnum });
    const columns = found.get(key) ?? [];
    found.set(key, columns);
    // A partitioned table has no rows of its own.
    if (row.relkind === 'p') continue;
    columns.push({
      oid,
      table,
      column,
      isHeap: row.is_heap,
      locks: 1 + row.indexes,
      isOrdered: row.is_ordered,
      isUnique: row.is_unique,
      isUniqueAlone: row.is_unique_alone,
      isInPrimaryKey: row.in_primary_key,
      obstacle: obstacleOf(row),
    });
  }
  for (const columns of found.values())
    if (columns.length > 1) columns.sort((a, b) => (a.table < b.table ? -1 : 1));
  return found;
}

/** The key of a fed column: the oid of its table, and its number. */
export function feedKey({ oid, attnum }: Pick<Feed, 'oid' | 'attnum'>): string {
  return `${oid}.${attnum}`;
}

interface DataColumnRow extends Record<string, unknown> {
  root: number;
  attnum: number;
  oid: number;
  relkind: string;
  table: string;
  column: string;
  is_heap: boolean;
  indexes: number;
  has_usable_index: boolean;
  is_ordered: boolean;
  is_unique: boolean;
  is_unique_alone: boolean;
  in_primary_key: boolean;
  /** Why this role cannot read all rows; null, in nearly every case, if it can. */
  lacking: {
    schema: string;
    role: string;
    schemaUsage: boolean;
    maySelect: boolean;
    rowSecurity: boolean;
  } | null;
}

function obstacleOf(row: DataColumnRow): ReadObstacle | null {
  const { table, column, lacking } = row;
  if (row.relkind !== 'r') {
    return {
      reason: `${table} is no ordinary table`,
      remedy: `look yourself: SELECT min(${column}), max(${column}) FROM ${table};`,
      remedyIs: 'advice',
    };
  }
  if (row.has_usable_index && lacking === null) return null;
  const { schema, role, ...may } = lacking ?? allowed;
  const lacks = [
    ...(may.schemaUsage && may.maySelect ? [] : [`${role} may not read ${table}`]),
    ...(may.rowSecurity ? [`row-level security hides rows of ${table} from ${role}`] : []),
    ...(row.has_usable_index ? [] : [`no index of ${table} leads with ${column}`]),
  ];
  const statements = [
    ...(may.schemaUsage ? [] : [`GRANT USAGE ON SCHEMA ${schema} TO ${role};`]),
    ...(may.maySelect ? [] : [`GRANT SELECT (${column}) ON TABLE ${table} TO ${role};`]),
    ...(may.rowSecurity ? [`ALTER ROLE ${role} BYPASSRLS;`] : []),
    ...(row.has_usable_index ? [] : [`CREATE INDEX CONCURRENTLY ON ${table} (${column});`]),
  ];
  return { reason: lacks.join(', and '), remedy: statements.join(' '), remedyIs: 'statements' };
}

const allowed = { schema: '', role: '', schemaUsage: true, maySelect: true, rowSecurity: false };

/**
 * A usable index: a valid B-tree over all rows whose first column is the fed one, in the default order of its type. 403 is btree in pg_am.
 * 2 is heap in pg_am; before PostgreSQL 12 there was nothing else. An unlogged table is empty on a server in recovery.
 * The indexes of each table are looked up once. OFFSET 0 keeps this a look-up by the table, however many indexes there are.
 */
const dataColumnsSql = (feeds: readonly Pick<Feed, 'oid' | 'attnum' | 'name'>[]) => `
  WITH RECURSIVE
  asked AS (
    SELECT DISTINCT root, attnum, attname FROM unnest(
      ${oidArray(feeds.map(({ oid }) => oid))}, '${arrayLiteral(feeds.map(({ attnum }) => attnum))}'::int2[],
      ${textArray(feeds.map(({ name }) => name))}::name[]
    ) a (root, attnum, attname)
  ),
  below AS (
    SELECT root, attnum, attname, root AS oid FROM asked
    UNION
    SELECT b.root, b.attnum, b.attname, i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.oid
  )
  SELECT b.root, b.attnum, b.oid, c.relkind,
         c.relkind = 'r' AND c.relpersistence = 'p' AND c.relam IN (0, 2) AS is_heap,
         quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table, quote_ident(b.attname) AS column,
         x.indexes, x.has_usable_index, x.is_ordered, x.is_unique, x.is_unique_alone, x.in_primary_key,
         CASE WHEN NOT (m.usage AND m.may_select) OR m.row_security THEN json_build_object(
           'schema', quote_ident(n.nspname), 'role', quote_ident(current_user),
           'schemaUsage', m.usage, 'maySelect', m.may_select, 'rowSecurity', m.row_security
         ) END AS lacking
  FROM below b
  JOIN pg_class c ON c.oid = b.oid AND c.relpersistence <> 't'
  JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL (
    SELECT b.attnum WHERE b.oid = b.root
    UNION ALL
    -- An attached partition can have its columns in another order.
    SELECT a.attnum FROM pg_attribute a
    WHERE b.oid <> b.root AND a.attrelid = b.oid AND a.attname = b.attname AND NOT a.attisdropped
  ) a
  -- OFFSET 0 keeps them from being asked twice.
  CROSS JOIN LATERAL (
    SELECT coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS usage,
           coalesce(has_column_privilege(b.oid, a.attnum, 'SELECT'), false) AS may_select,
           c.relrowsecurity AND row_security_active(b.oid) AS row_security
    OFFSET 0
  ) m
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS indexes,
           coalesce(bool_or(i.usable), false) AS has_usable_index,
           -- Ascending with nulls last, or descending with nulls first: INDOPTION_DESC and INDOPTION_NULLS_FIRST in pg_index.h.
           coalesce(bool_or(i.usable AND i.indoption[0] IN (0, 3)), false) AS is_ordered,
           coalesce(bool_or(i.is_unique), false) AS is_unique,
           coalesce(bool_or(i.is_unique AND i.is_alone), false) AS is_unique_alone,
           coalesce(bool_or(i.usable AND i.indisprimary), false) AS in_primary_key
    FROM (
      SELECT i.indoption, i.indisprimary,
             -- indoption has an entry for each key column, and none for the columns of INCLUDE.
             -- An exclusion constraint may refuse a row, too, and so may an index on an expression of the column.
             (i.indisunique OR i.indisexclusion) AND i.indisready
               AND (a.attnum = ANY ((i.indkey::int2[])[0:array_upper(i.indoption::int2[], 1)])
                    OR CASE WHEN i.indexprs IS NOT NULL THEN i.indexprs::text ~ (':varattno ' || a.attnum || ' ') END) AS is_unique,
             array_upper(i.indoption::int2[], 1) = 0 AND i.indkey[0] = a.attnum AND i.indpred IS NULL AS is_alone,
             i.indkey[0] = a.attnum AND i.indpred IS NULL AND i.indisvalid AND i.indisready AND i.indislive
             AND i.indclass[0] IN (SELECT oid FROM pg_opclass WHERE opcmethod = 403 AND opcdefault) AS usable
      FROM pg_index i WHERE i.indrelid = b.oid
      OFFSET 0
    ) i
  ) x`;
