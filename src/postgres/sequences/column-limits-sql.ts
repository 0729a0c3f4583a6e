import { arrayLiteral, booleanArray, oidArray } from '../array-literal.js';
import { exactTypes } from './exact-types.js';
import type { Feed } from './feeds.js';
import type { ReferringColumn } from './widen-limits.js';

/** The oids of the types with a length. */
export const BPCHAR = 1042;
export const VARCHAR = 1043;

/** A column with its limits, as the catalog has them. */
export interface LimitsRow extends Record<string, unknown> {
  oid: string;
  attnum: number;
  type: string;
  mod: number;
  is_domain: boolean;
  /** The type, if it has a limit that is not known. Types for text have none. */
  other_type: string | null;
  /** The check constraints that mention the column, or the whole row. */
  checks: { oid: number; name: string; inherited: boolean; wholeRow: boolean }[] | null;
  /** The columns that refer to it by foreign keys. */
  referring: ReferringColumn[] | null;
  /** The names of the foreign keys that the column is part of. */
  foreign_keys: string[] | null;
  /** The default, if it may do more than call nextval. */
  expression: string | null;
  /** The names of generated columns that are computed from this one. */
  generated: string[] | null;
  /** The unique indexes and the exclusion constraints on an expression of the column. */
  unique_expressions: { name: string; isExclusion: boolean }[] | null;
  /** The names of indexes whose expressions or condition cast the column to a smaller type, which fails for values beyond it. */
  casting_indexes: string[] | null;
}

/** The functions of the casts from bigint, integer, numeric and floating point to smallint and integer, and to numeric with a precision. */
const NARROWING = [714, 480, 314, 1783, 1744, 1703, 237, 317, 238, 319];

/** Matches the tree of an expression that casts the column `attnum` to a smaller type, or something computed from it. */
const narrows = (attnum: string) =>
  `('[{]FUNCEXPR :funcid (?:${NARROWING.join('|')}) (?:[^{}]|[{][^{}]*[}]|[{])*:varattno ' || ${attnum} || ' ` +
  `|[{]COERCEVIAIO :arg [{]VAR [^{}]*:varattno ' || ${attnum} || ' [^{}]*[}] :resulttype (?:21|23) ')`;

/**
 * The query is written so that each look-up uses an index, whatever the statistics of the catalogs say. `pg_get_expr` with the relation 0 locks
 * no table; it works since defaults name no column. A default also depends on its own column, which does not count as
 * a generated column.
 */
export const limitsSql = (
  feeds: readonly Pick<Feed, 'oid' | 'attnum' | 'isExpression' | 'hasTriggers'>[],
) => `
  SELECT f.oid::int8, f.attnum, a.atttypid::int8 AS type, a.atttypmod AS mod, a.typtype = 'd' AS is_domain, a.other_type,
         k.checks, k.foreign_keys, e.expression, g.generated, u.unique_expressions, n.casting_indexes, r.referring
  FROM unnest(
    ${oidArray(feeds.map(({ oid }) => oid))}, '${arrayLiteral(feeds.map(({ attnum }) => attnum))}'::int2[],
    ${booleanArray(feeds.map(({ isExpression }) => isExpression))}, ${booleanArray(feeds.map(({ hasTriggers }) => hasTriggers))}
  ) f (oid, attnum, is_expression, has_triggers)
  CROSS JOIN LATERAL (
    SELECT a.atttypid, a.atttypmod, t.typtype, t.typdefaultbin,
           CASE WHEN t.typcategory <> 'S' AND t.typtype <> 'd' AND a.atttypid NOT IN (20, 21, 23, 1700, ${[...exactTypes.keys()].join(', ')})
                THEN format_type(a.atttypid, a.atttypmod) END AS other_type
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = f.oid AND a.attnum = f.attnum
    OFFSET 0
  ) a
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('oid', k.oid::int8, 'name', k.conname, 'inherited', k.coninhcount > 0, 'wholeRow', k.whole_row) ORDER BY k.conname) FILTER (WHERE k.contype = 'c') AS checks,
           json_agg(k.conname ORDER BY k.conname) FILTER (WHERE k.contype = 'f') AS foreign_keys
    FROM (
      -- The number 0 stands for the whole row.
      SELECT k.oid, k.conname, k.contype, k.coninhcount, 0 = ANY (k.conkey) AS whole_row FROM pg_constraint k
      WHERE k.conrelid = f.oid AND k.contype IN ('c', 'f') AND (f.attnum = ANY (k.conkey) OR 0 = ANY (k.conkey))
      OFFSET 0
    ) k
  ) k
  CROSS JOIN LATERAL (
    SELECT CASE WHEN f.is_expression THEN coalesce(
      (SELECT pg_get_expr(d.adbin, 0) FROM pg_attrdef d WHERE d.adrelid = f.oid AND d.adnum = f.attnum), pg_get_expr(a.typdefaultbin, 0)
    ) END AS expression
  ) e
  CROSS JOIN LATERAL (
    SELECT json_agg(DISTINCT g.attname) AS generated
    FROM (
      SELECT CASE WHEN d.classid = 'pg_class'::regclass THEN d.objsubid
                  ELSE (SELECT ad.adnum FROM pg_attrdef ad WHERE ad.oid = d.objid) END AS attnum
      FROM pg_depend d
      WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid AND d.refobjsubid = f.attnum
        AND (d.classid = 'pg_attrdef'::regclass OR d.classid = 'pg_class'::regclass AND d.objid = f.oid AND d.objsubid > 0)
      OFFSET 0
    ) d
    JOIN pg_attribute g ON g.attrelid = f.oid AND g.attnum = d.attnum
    WHERE d.attnum <> f.attnum
  ) g
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('name', c.relname, 'isExclusion', i.indisexclusion) ORDER BY c.relname) AS unique_expressions
    FROM (
      SELECT i.indexrelid, i.indisexclusion FROM pg_index i
      WHERE i.indrelid = f.oid AND (i.indisunique OR i.indisexclusion) AND i.indexprs IS NOT NULL AND NOT f.attnum = ANY (i.indkey::int2[])
        -- An index depends on the columns of its condition, too.
        AND CASE WHEN i.indpred IS NULL THEN true ELSE i.indexprs::text ~ (':varattno ' || f.attnum || ' ') END
      OFFSET 0
    ) i
    CROSS JOIN LATERAL (
      SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid AND d.refobjsubid = f.attnum
      LIMIT 1
    ) d
    JOIN pg_class c ON c.oid = i.indexrelid
  ) u
  CROSS JOIN LATERAL (
    SELECT json_agg(c.relname ORDER BY c.relname) AS casting_indexes
    FROM (
      SELECT i.indexrelid FROM pg_index i
      WHERE i.indrelid = f.oid AND concat(i.indexprs, i.indpred) ~ ${narrows('f.attnum')}
      OFFSET 0
    ) i
    JOIN pg_class c ON c.oid = i.indexrelid
  ) n
  CROSS JOIN LATERAL (
    SELECT CASE WHEN f.has_triggers THEN (
      SELECT json_agg(json_build_object('schema', n.nspname, 'table', c.relname, 'column', ra.attname,
               'type', ra.atttypid::int8, 'mod', ra.atttypmod, 'isDomain', t.typtype = 'd') ORDER BY n.nspname, c.relname, ra.attname)
      FROM (
        -- A foreign key depends on the columns that it refers to.
        SELECT DISTINCT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid AND d.refobjsubid = f.attnum AND d.classid = 'pg_constraint'::regclass
        OFFSET 0
      ) d
      JOIN pg_constraint r ON r.oid = d.objid AND r.contype = 'f' AND r.confrelid = f.oid
      JOIN pg_attribute ra ON ra.attrelid = r.conrelid AND ra.attnum = r.conkey[array_position(r.confkey, f.attnum)] AND ra.attinhcount = 0
      JOIN pg_type t ON t.oid = ra.atttypid
      JOIN pg_class c ON c.oid = r.conrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
    ) END AS referring
    OFFSET 0
  ) r
  WHERE a.typtype = 'd' OR a.atttypid IN (${[BPCHAR, VARCHAR, ...exactTypes.keys()].join(', ')}) OR a.other_type IS NOT NULL OR k.checks IS NOT NULL OR k.foreign_keys IS NOT NULL OR e.expression IS NOT NULL
    OR g.generated IS NOT NULL OR u.unique_expressions IS NOT NULL OR n.casting_indexes IS NOT NULL OR r.referring IS NOT NULL`;
