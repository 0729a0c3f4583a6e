import { LEDGER_SCHEMA } from '../../contract/names.js';
import type { Identity } from '../../steps/identity.js';
import { withoutIdentity } from '../../steps/identity-index.js';
import { textArray } from '../array-literal.js';
import type { Endpoint } from '../endpoint.js';
import {
  digestOfColumns,
  digestOfText,
  type DigestedObstructions,
  nameOfTable,
  readDigested,
  row,
} from './obstruction-rows.js';

/** More tables than this are only counted. */
const TABLES_AT_MOST = 501;

/** The tables of the database, as `c`, in the schemas `n`. */
const ownTables = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${LEDGER_SCHEMA}')`;

/**
 * Columns that a column list leaves out. Generated columns are not published in any case. Row filters and column lists exist from PostgreSQL 15 on,
 * `attgenerated` from 12 on, `pubtruncate` from 11 on, so they are read from the row as JSON.
 */
const omittedColumns = `
      SELECT FROM pg_publication_rel r JOIN pg_attribute a ON a.attrelid = r.prrelid
      WHERE r.prpubid = p.oid AND r.prrelid = t.relid AND to_jsonb(r) ->> 'prattrs' IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
        AND COALESCE(to_jsonb(a) ->> 'attgenerated', '') = '' AND NOT to_jsonb(r) -> 'prattrs' @> to_jsonb(a.attnum)`;

/**
 * The tables of a publication come from the function under the view pg_publication_tables, which returns oids: the view has only names, and each
 * table would have to be looked up again. From PostgreSQL 16 on it waits for a table that somebody has locked exclusively.
 */
function publishing(publications: readonly string[]): string {
  return `publishing AS (
    SELECT t.relid, p.pubinsert AND p.pubupdate AND p.pubdelete AND COALESCE((to_jsonb(p) ->> 'pubtruncate')::boolean, true)
      AND to_jsonb(t) ->> 'qual' IS NULL AND NOT EXISTS (${omittedColumns}) AS whole
    FROM pg_publication p CROSS JOIN LATERAL pg_get_publication_tables(p.pubname::text) t
    WHERE p.pubname = ANY (${textArray(publications)}))`;
}

const publishedTables = `published p JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace`;

function tablesSql(publications: readonly string[]): string {
  return `
    WITH RECURSIVE ${publishing(publications)}, ${coverage(publications)}
    -- First, since the size of a table is not that of the query's snapshot: what changes meanwhile changes the next digest.
    SELECT ${row('digest', digestOfTables(publications), {})}
    UNION ALL
    (SELECT ${row('identity', nameOfTable, {})}
    FROM ${withoutIdentity('published p JOIN pg_class c ON c.oid = p.relid', ' JOIN pg_namespace n ON n.oid = c.relnamespace')}
    ORDER BY 2 LIMIT ${TABLES_AT_MOST})
    UNION ALL
    (SELECT ${row('unpublished', `format('%I.%I', c.nspname, c.relname)`, {})}
    FROM unpublished c
    ORDER BY 2 LIMIT ${TABLES_AT_MOST})
    UNION ALL
    (SELECT ${row('partly', nameOfTable, {})}
    FROM ${publishedTables}
    WHERE p.relid IN (SELECT relid FROM publishing GROUP BY relid HAVING NOT bool_or(whole))
    ORDER BY 2 LIMIT ${TABLES_AT_MOST})
    UNION ALL
    -- puballsequences exists from PostgreSQL 19 on. Before it, a publication FOR ALL TABLES left no table out.
    SELECT ${row('closed', 'pubname', {})}
    FROM pg_publication p
    WHERE pubname = ANY (${textArray(publications)}) AND (puballtables OR to_jsonb(p) ->> 'puballsequences' = 'true')
    UNION ALL
    SELECT ${row('gone', 'name', {})}
    FROM unnest(${textArray(publications)}) AS wanted (name) WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = name)
    UNION ALL
    SELECT ${row('table', nameOfTable, { state: digestOfColumns })}
    FROM ${publishedTables}
    -- Where another publication publishes the rows of a partition through its root, a subscription receives the root alone.
    WHERE NOT EXISTS (SELECT FROM covered JOIN pg_inherits i ON i.inhparent = covered.relid WHERE i.inhrelid = c.oid)`;
}

/**
 * Common table expressions: the oids of the published tables; the partitioned tables among them, with all of their partitions; and the tables with
 * rows that no publication covers. Each is evaluated once, since it is used more than once.
 */
function coverage(publications: readonly string[]): string {
  return `published AS (SELECT DISTINCT relid FROM publishing),
  covered AS ( -- A publication may have a partitioned table instead of its partitions.
    SELECT p.relid FROM published p JOIN pg_class c ON c.oid = p.relid AND c.relkind = 'p'
    UNION SELECT i.inhrelid FROM covered JOIN pg_inherits i ON i.inhparent = covered.relid),
  unpublished AS (
    SELECT c.oid, c.nspname, c.relname
    FROM (
      SELECT c.oid, n.nspname, c.relname FROM ${ownTables} AND ${publications.length > 0 ? 'true' : 'false'} AND c.relkind = 'r'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        AND NOT EXISTS (SELECT FROM published p WHERE p.relid = c.oid)
        AND NOT EXISTS (SELECT FROM covered WHERE covered.relid = c.oid)
      OFFSET 0 -- only of these a file is looked at
    ) c
    WHERE pg_relation_size(c.oid) > 0)`;
}

/**
 * A digest of everything that decides which tables are published, and which of the others have rows. It does not ask which ones are published: to open
 * 10,000 tables, as the function for that does, takes a new session a quarter of a second. ALTER PUBLICATION changes the xmin of the publication,
 * or the oid of an entry. Only two readings of one server can be compared.
 */
function digestOfTables(publications: readonly string[]): string {
  const wanted = `SELECT oid FROM pg_publication WHERE pubname = ANY (${textArray(publications)})`;
  // The catalog exists from PostgreSQL 15 on. What it has is also in pg_depend, which can be read on every version.
  const entriesOfSchemas = `SELECT objid FROM pg_depend
      WHERE classid = to_regclass('pg_catalog.pg_publication_namespace') AND refclassid = 'pg_publication'::regclass AND refobjid IN (${wanted})`;
  const schemas = `SELECT refobjid FROM pg_depend
      WHERE classid = to_regclass('pg_catalog.pg_publication_namespace') AND refclassid = 'pg_namespace'::regclass AND objid IN (${entriesOfSchemas})`;
  // A new column may be left out by a column list. The number of columns, with those that were dropped, only grows.
  const columns = `CASE WHEN to_jsonb(r) ->> 'prattrs' IS NOT NULL THEN (SELECT relnatts FROM pg_class c WHERE c.oid = r.prrelid) END`;
  // A publication of all tables has entries only for those that it leaves out.
  const publishesAll = `SELECT FROM pg_publication p WHERE p.oid IN (${wanted}) AND p.puballtables
      AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid)`;
  const parts = [
    `SELECT string_agg(oid || ' ' || xmin, ',' ORDER BY oid) FROM pg_publication WHERE oid IN (${wanted})`,
    `SELECT string_agg(concat_ws(' ', r.oid, r.xmin, ${columns}), ',' ORDER BY r.oid) FROM pg_publication_rel r WHERE r.prpubid IN (${wanted})`,
    `SELECT string_agg(objid::text, ',' ORDER BY objid) FROM (${entriesOfSchemas}) AS entries`,
    // By its name a subscription finds the table on the standby.
    `SELECT string_agg(concat_ws(' ', c.oid, n.nspname, c.relname), ',' ORDER BY c.oid) FROM ${ownTables} AND c.relkind IN ('r', 'p')`,
    `SELECT string_agg(inhrelid || ' ' || inhparent, ',' ORDER BY inhrelid, inhparent) FROM pg_inherits`,
    `SELECT CASE WHEN NOT EXISTS (${publishesAll}) THEN (
       SELECT string_agg(c.oid::text, ',' ORDER BY c.oid) FROM (
         SELECT c.oid FROM ${ownTables} AND c.relkind = 'r' AND c.relnamespace NOT IN (${schemas})
           AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prrelid = c.oid AND r.prpubid IN (${wanted})
             AND to_jsonb(r) ->> 'prexcept' IS DISTINCT FROM 'true')
         OFFSET 0
       ) c WHERE pg_relation_size(c.oid) > 0) END`,
  ];
  const all = parts.map((part) => `coalesce((${part}), '')`).join(` || '/' || `);
  return `(SELECT ${digestOfText('tables')} FROM (SELECT ${all} AS tables OFFSET 0) AS every)`;
}

/**
 * The tables of the primary, as far as they matter to a switch.
 *
 * @param publications the publications that the standby subscribes to
 */
export function readPrimaryTables(
  primary: Endpoint,
  expected: Identity,
  publications: readonly string[],
): Promise<DigestedObstructions> {
  return readDigested(primary, expected, tablesSql(publications));
}

/** Reads the digest of {@link readPrimaryTables} alone, in a small part of its time. */
export async function readPublishedDigest(
  primary: Endpoint,
  expected: Identity,
  publications: readonly string[],
): Promise<string> {
  const { digest } = await readDigested(
    primary,
    expected,
    `SELECT ${row('digest', digestOfTables(publications), {})}`,
  );
  return digest;
}
