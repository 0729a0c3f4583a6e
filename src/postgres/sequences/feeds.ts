import { qualifiedName } from '../../sequences/identifier.js';
import type { ColumnType } from '../../sequences/sequence.js';

/** A column that takes its values from a sequence. */
export interface Feed {
  /** schema.table.column, quoted where any version needs it. A partition whose parent is fed by the same sequence counts as the parent. */
  column: string;
  /** The oid of the table. */
  oid: number;
  attnum: number;
  /** The name of the column, as in the catalog. */
  name: string;
  /** pg_class.relkind of the table: r, p (partitioned), f (foreign), v (a default on a view). */
  relkind: string;
  /**
   * Whether it is an ordinary table without partitions or inheriting tables, and no partition itself: then all of its rows are in it, and
   * no others.
   */
  isAlone: boolean;
  /** Whether the table has or had triggers. PostgreSQL makes one for each foreign key that refers to it. */
  hasTriggers: boolean;
  persistence: 'permanent' | 'unlogged';
  /** `owned` if ALTER SEQUENCE … OWNED BY names the column and no default calls nextval. */
  via: 'identity' | 'default' | 'owned';
  /** False if the column holds something else than the value of nextval: `'ORD-' || nextval(…)`, or `owned`. */
  plain: boolean;
  /** Whether its default is more than nextval, such as nextval inside casts other than that of a serial column. */
  isExpression: boolean;
  /** The column's type, through domains; null for any other, such as text, and if it is `owned` by a sequence that does not feed it. */
  type: ColumnType['type'] | null;
  /** The topmost table from which this one inherits the column, quoted: PostgreSQL alters the type only there. Absent if it is inherited from none. */
  inheritedFrom?: string;
  /** The type that the values have to fit in: that of the column, or of a cast in its default; none unless `plain` or `owned`. */
  limits: ColumnType[];
}

/** The columns that each sequence feeds, by the sequence's oid, from the rows of `feedsSql`. */
export function toFeeds(rows: readonly FeedRow[]): Map<number, Feed[]> {
  const feeds = new Map<number, Feed[]>();
  for (const row of rows) {
    const sequence = Number(row.sequence);
    const list = feeds.get(sequence) ?? [];
    if (list.length === 0) feeds.set(sequence, list);
    list.push({
      column: qualifiedName(row.schema, row.table, row.name),
      oid: Number(row.oid),
      attnum: row.attnum,
      name: row.name,
      relkind: row.relkind,
      isAlone: row.alone,
      hasTriggers: row.has_triggers,
      persistence: row.unlogged ? 'unlogged' : 'permanent',
      via: row.via,
      plain: row.plain,
      isExpression: row.is_expression,
      type: row.type,
      limits: limits(row),
      ...(row.inherited_from !== null && { inheritedFrom: qualifiedName(...row.inherited_from) }),
    });
  }
  for (const list of feeds.values()) {
    if (list.length < 2) continue;
    list.sort((a, b) => (a.column < b.column ? -1 : 1));
    // A sequence that feeds a column does not feed the one that owns it.
    const ownOnly = list.some(({ via }) => via !== 'owned') ? list.filter(({ via }) => via === 'owned') : [];
    for (const feed of ownOnly) {
      feed.type = null;
      feed.limits = [];
    }
  }
  return feeds;
}

export interface FeedRow extends Record<string, unknown> {
  sequence: string;
  /** Unquoted, like the name of the column. */
  schema: string;
  table: string;
  oid: string;
  attnum: number;
  name: string;
  relkind: string;
  alone: boolean;
  has_triggers: boolean;
  unlogged: boolean;
  via: Feed['via'];
  plain: boolean;
  is_expression: boolean;
  type: Feed['type'];
  precision: number | null;
  scale: number | null;
  cast_to: 'int2' | 'int4' | null;
  /** Schema and table, unquoted. */
  inherited_from: [string, string] | null;
}

function limits({ via, plain, type, precision, scale, cast_to, is_expression }: FeedRow): ColumnType[] {
  const found: ColumnType[] = [];
  if (!plain && via !== 'owned') return found;
  const owned = via === 'owned' ? { owned: true as const } : {};
  if (type === 'numeric') {
    if (precision !== null && scale !== null) found.push({ type, precision, scale, ...owned });
  } else if (type !== null) {
    found.push({ type, ...owned });
  }
  // ALTER TYPE replaces the implicit cast of a serial column, and keeps an explicit one. The cast of a domain counts too, which is harmless.
  if (cast_to !== null && (cast_to !== type || is_expression)) found.push({ type: cast_to });
  return found;
}

/**
 * Defaults are read from their stored tree, and not by pg_get_expr, which from PostgreSQL 17 on waits for a lock on the table. A default is
 * plain if it is nextval of a constant inside nothing but casts and COALESCE, of which it is the first argument and never null. Casts are
 * built-in functions with :funcformat 1 (explicit cast) or 2 (implicit cast), see CoercionForm in src/include/nodes/primnodes.h. Function
 * 1574 is nextval; types 21 and 23 are int2 and int4. COALESCE is written as COALESCEEXPR since PostgreSQL 16.
 */
const plainNextval =
  '^([{]FUNCEXPR :funcid [0-9]{1,4} :funcresulttype [0-9]+ :funcretset false :funcvariadic false :funcformat [12] [^{}()]*:args [(]' +
  '|[{](RELABELTYPE|COERCEVIAIO|COERCETODOMAIN) :arg |[{]COALESCE(EXPR)? [^{}()]*:args [(])*' +
  '[{]FUNCEXPR :funcid 1574 [^{}()]*:args [(][{]CONST ';

const nextvalOfConstant =
  '{FUNCEXPR :funcid 1574 :funcresulttype 20 :funcretset false :funcvariadic false :funcformat _ :funccollid 0 :inputcollid 0 :args ({CONST %';
const castImplicitly =
  '{FUNCEXPR :funcid ___ :funcresulttype __ :funcretset false :funcvariadic false :funcformat 2 :funccollid 0 :inputcollid 0 :args (';

/** Nearly all defaults (`d.tree`): nextval alone, or cast to the integer of a serial column. It is forty times faster than `plainNextval`. */
export const isBare = `(d.tree LIKE '${nextvalOfConstant}' OR d.tree LIKE '${castImplicitly}${nextvalOfConstant}')`;

const isPlain = `(${isBare} OR d.tree ~ '${plainNextval}')`;

/** Of a column that a sequence owns: another sequence feeds it, by its default or as an identity. */
const hasOtherFeeder = `(
           EXISTS (
             SELECT FROM pg_attrdef ad CROSS JOIN LATERAL (
               SELECT FROM pg_depend x CROSS JOIN LATERAL (SELECT FROM pg_class s WHERE s.oid = x.refobjid AND s.relkind = 'S' OFFSET 0) s
               WHERE x.classid = 'pg_attrdef'::regclass AND x.objid = ad.oid AND x.refclassid = 'pg_class'::regclass AND x.refobjid <> f.sequence
               OFFSET 0
             ) x
             WHERE ad.adrelid = f.relid AND ad.adnum = f.attnum
           ) OR EXISTS (
             SELECT FROM pg_depend x
             WHERE x.refclassid = 'pg_class'::regclass AND x.refobjid = f.relid AND x.refobjsubid = f.attnum
               AND x.classid = 'pg_class'::regclass AND x.deptype = 'i' AND x.objid <> f.sequence
           )
         )`;

/**
 * The columns that sequences feed. A default on a domain counts for the columns of the domain. `nextval` with a text argument leaves no
 * dependency in the catalog, so it is not found (https://www.postgresql.org/docs/current/functions-sequence.html). The oids are hidden from
 * the planner, since it would compare each of them with the statistics of the catalog, which takes longer than the query. So it expects ten
 * oids, and looks up everything else by an index, whatever the size of the catalogs. OFFSET 0 allows only this plan.
 *
 * @param listed a query for the sequences, with their oids in a column `oid`
 */
export const feedsSql = (listed: string) => `
  WITH RECURSIVE
  asked AS (SELECT array_agg(oid) AS oids FROM (${listed}) listed),
  depending AS (
    SELECT d.* FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = ANY ((SELECT oids FROM asked)::oid[]) AND d.objsubid = 0
    OFFSET 0
  ),
  referring AS (
    SELECT d.* FROM pg_depend d
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY ((SELECT oids FROM asked)::oid[])
    OFFSET 0
  ),
  dependency AS (
    SELECT d.objid AS sequence, d.refobjid AS relid, d.refobjsubid AS attnum,
           CASE d.deptype WHEN 'i' THEN 'identity' ELSE 'owned' END AS via, NULL::text AS tree
    FROM depending d
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    UNION ALL
    SELECT r.refobjid, ad.adrelid, ad.adnum, 'default', ad.adbin::text
    FROM referring r JOIN pg_attrdef ad ON ad.oid = r.objid
    WHERE r.classid = 'pg_attrdef'::regclass
    UNION ALL
    SELECT r.refobjid, a.attrelid, a.attnum, 'default', t.typdefaultbin::text
    FROM referring r JOIN pg_type t ON t.oid = r.objid AND t.typtype = 'd'
    CROSS JOIN LATERAL (
      SELECT a.attrelid, a.attnum FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE a.atttypid = t.oid AND a.attnum > 0 AND NOT a.atthasdef AND c.relkind IN ('r', 'p', 'f')
      OFFSET 0 -- looked for only where there is such a domain: it reads all of pg_attribute
    ) a
    WHERE r.classid = 'pg_type'::regclass
  ),
  fed AS (
    SELECT DISTINCT ON (d.sequence, d.relid, d.attnum)
           d.sequence, d.relid, d.attnum, d.via, a.attname, a.atttypid, a.atttypmod, a.attinhcount,
           d.via = 'identity' OR (d.via = 'default' AND ${isPlain}) AS plain,
           d.via = 'default' AND NOT ${isBare} AS is_expression,
           CASE WHEN d.tree LIKE '%:funcresulttype 21 %' THEN 'int2'
                WHEN d.tree LIKE '%:funcresulttype 23 %' THEN 'int4' END AS cast_to
    FROM dependency d JOIN pg_attribute a ON a.attrelid = d.relid AND a.attnum = d.attnum AND NOT a.attisdropped
    ORDER BY d.sequence, d.relid, d.attnum, d.via = 'owned'
  ),
  ancestor AS (
    SELECT i.inhrelid AS relid, i.inhparent AS parent
    FROM pg_inherits i WHERE i.inhrelid IN (SELECT relid FROM fed)
    UNION
    SELECT a.relid, i.inhparent FROM ancestor a JOIN pg_inherits i ON i.inhrelid = a.parent
  ),
  topmost AS (
    SELECT f.* FROM fed f
    WHERE NOT EXISTS (
      SELECT FROM ancestor a JOIN fed p ON p.relid = a.parent
      WHERE a.relid = f.relid AND p.sequence = f.sequence AND p.attname = f.attname AND p.plain = f.plain
    )
  ),
  base AS (
    SELECT DISTINCT atttypid AS declared, atttypmod AS declared_mod, atttypid AS type, atttypmod AS mod FROM topmost
    UNION ALL
    SELECT b.declared, b.declared_mod, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.mod END
    FROM base b CROSS JOIN LATERAL (
      SELECT t.typbasetype, t.typtypmod FROM pg_type t WHERE t.oid = b.type AND t.typtype = 'd' OFFSET 0
    ) t
  ),
  resolved AS (
    SELECT b.* FROM base b WHERE EXISTS (SELECT FROM pg_type t WHERE t.oid = b.type AND t.typtype <> 'd' OFFSET 0)
  )
  SELECT f.sequence::int8, f.relid::int8 AS oid, f.attnum, f.attname AS name, f.via, f.plain, f.is_expression, f.cast_to,
         c.relkind, c.relkind = 'r' AND NOT c.relispartition AND NOT c.relhassubclass AS alone, c.relhastriggers AS has_triggers, c.relpersistence = 'u' AS unlogged,
         n.nspname AS schema, c.relname AS table,
         CASE WHEN f.via = 'owned' AND ${hasOtherFeeder} THEN NULL ELSE
           CASE b.type WHEN 21 THEN 'int2' WHEN 23 THEN 'int4' WHEN 20 THEN 'int8' WHEN 1700 THEN 'numeric' END
         END AS type,
         -- As numeric_typmod_precision and numeric_typmod_scale in src/backend/utils/adt/numeric.c.
         CASE WHEN b.type = 1700 AND b.mod >= 4 THEN ((b.mod - 4) >> 16) & 65535 END AS precision,
         CASE WHEN b.type = 1700 AND b.mod >= 4 THEN (((b.mod - 4) & 2047) # 1024) - 1024 END AS scale,
         CASE WHEN f.attinhcount > 0 THEN (
           -- From parent to parent by an index: a search in "ancestor" would read all of it for each of thousands of partitions.
           WITH RECURSIVE up AS (
             SELECT f.relid
             UNION
             SELECT i.inhparent
             FROM up CROSS JOIN LATERAL (SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = up.relid OFFSET 0) i
           )
           SELECT json_build_array(t.nspname, t.relname)
           FROM up CROSS JOIN LATERAL (
             SELECT n.nspname, c.relname
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE a.attrelid = up.relid AND a.attname = f.attname AND a.attinhcount = 0
             OFFSET 0
           ) t
           LIMIT 1
         ) END AS inherited_from
  FROM topmost f
  JOIN pg_class c ON c.oid = f.relid AND c.relpersistence <> 't' -- Rows of temporary tables are of one session.
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN resolved b ON b.declared = f.atttypid AND b.declared_mod = f.atttypmod
  -- Named twice, it is computed once: AS MATERIALIZED came with PostgreSQL 12.
  WHERE EXISTS (SELECT FROM resolved)`;
