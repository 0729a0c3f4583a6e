import { createHash } from 'node:crypto';
import type { Row } from '../endpoint.js';

/**
 * A state of the catalogs, with which a later one can be compared. When it was read, no row was newer than `horizon`, the oldest transaction
 * that was still open. Every later change leaves a row that is newer, or one row fewer.
 */
export interface CatalogState {
  /** A full transaction ID, in decimal. */
  horizon: string;
  /** A digest of the number of rows of each catalog, and of everything else on which their meaning for this role depends. */
  digest: string;
}

export interface CatalogStateRow extends Row {
  horizon: string | null;
  /** What the digest is of. The worker makes it: md5 fails on a server whose OpenSSL is in FIPS mode, and older ones have nothing else. */
  meaning: string;
  recent: string;
}

/**
 * The state from the row of `catalogStateSql`. Null if a later state could not be distinguished from it, or if the check costs too much.
 */
export function toCatalogState(row: CatalogStateRow | undefined): CatalogState | null {
  if (row === undefined || row.horizon === null || row.recent !== '0') return null;
  return { horizon: row.horizon, digest: createHash('sha256').update(row.meaning).digest('base64') };
}

/** The limits within which {@link catalogStateSql} is worth its cost. */
export interface CheckLimits {
  /** With fewer sequences than this, reading the catalogs takes no longer than the check. */
  leastSequences: number;
  /** The most bytes of catalogs for each sequence of the page. */
  bytesEach: number;
}

/** Parallel workers are turned off, since starting them takes longer than the reads. */
export const noParallelWorkersSql = 'SET LOCAL max_parallel_workers_per_gather TO 0';

/** The catalogs that contain names, definitions, fed columns, their indexes and limits, and this role's privileges. */
const catalogs = [
  ...['pg_class', 'pg_attribute', 'pg_attrdef', 'pg_constraint', 'pg_depend', 'pg_inherits', 'pg_namespace'],
  ...['pg_sequence', 'pg_type', 'pg_enum', 'pg_proc', 'pg_opclass', 'pg_partitioned_table', 'pg_extension'],
  'pg_auth_members',
];

/**
 * One row, made by one pass over each catalog; `recent` is the number of rows that are newer than the horizon. A row that is changed or
 * made has the ID of its transaction as xmin (https://www.postgresql.org/docs/current/ddl-system-columns.html), and no VACUUM changes that.
 * Before PostgreSQL 14, the flags of an index were changed in place. Facts about a table that are changed in place, such as its estimated
 * size, are not used. A crash undoes transactions, whose IDs could be used again; but after a crash the statistics begin anew, which is
 * noticed.
 *
 * @param since the horizon of an earlier state; null for the present one
 * @param sequences an expression of SQL for the number of sequences whose catalog rows are kept
 */
export function catalogStateSql(since: string | null, sequences: string, limits: CheckLimits): string {
  const { leastSequences, bytesEach } = limits;
  const horizon = since === null ? 'txid_snapshot_xmin(txid_current_snapshot())' : `${BigInt(since)}::int8`;
  const count = (catalog: string, flags = '') => `
    SELECT '${catalog}' AS catalog, count(*) AS rows, ${flags === '' ? '0' : `count(*) FILTER (WHERE ${flags})`} AS flagged,
           count(*) FILTER (WHERE age(xmin) <= (SELECT age(id) FROM horizon)) AS recent
    FROM ${catalog} WHERE (SELECT worthwhile FROM cost)`;
  const all = [
    ...catalogs.map((catalog) => count(catalog)),
    count('pg_index', 'indisvalid AND indisready AND indislive'),
  ];
  const names = [...catalogs, 'pg_index'].map((name) => `'${name}'`).join(', ');
  return `
  WITH horizon AS (SELECT h.value, (h.value % 4294967296)::text::xid AS id FROM (SELECT ${horizon} AS value) h),
  cost AS (
    SELECT CASE WHEN s.count < ${leastSequences} THEN false
                ELSE (SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relname IN (${names}))
                     <= ${bytesEach} * s.count END AS worthwhile
    FROM (SELECT ${sequences} AS count) s
  ),
  counted AS (${all.join('\nUNION ALL')})
  SELECT CASE WHEN (SELECT worthwhile FROM cost) AND txid_snapshot_xmax(txid_current_snapshot()) - h.value < 1000000000 THEN h.value::text END AS horizon,
         c.recent::text,
         CASE WHEN (SELECT worthwhile FROM cost) THEN concat_ws(' ', c.rows, current_user, session_user, version(), current_setting('row_security'), current_setting('quote_all_identifiers'),
           pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time(),
           (SELECT datdba FROM pg_database WHERE datname = current_database()),
           (SELECT string_agg(concat_ws(' ', oid, rolname, rolsuper, rolinherit, rolbypassrls), ',' ORDER BY oid) FROM pg_roles)
         ) ELSE '' END AS meaning
  FROM horizon h CROSS JOIN (
    SELECT sum(recent) AS recent, string_agg(concat_ws(' ', catalog, rows, flagged), ',' ORDER BY catalog) AS rows FROM counted
  ) c`;
}
