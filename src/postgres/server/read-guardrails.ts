import { LEDGER_SCHEMA } from '../../contract/names.js';
import { requoted } from '../../sequences/identifier.js';
import type { Identity } from '../../steps/identity.js';
import { withoutIdentity } from '../../steps/identity-index.js';
import type { Obstruction } from '../../steps/obstruction.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

/** More tables than this are only counted. */
const TABLES_AT_MOST = 501;
/** In seconds, the age from which a transaction is reported. One that holds an exclusive lock on a table is reported earlier. */
const LONG = 300;
const LONG_EXCLUSIVE = 10;

const columns = 'kind, what, owner, seconds, state, detail';
const row = (
  kind: string,
  what: string,
  rest: Partial<Record<'owner' | 'seconds' | 'state' | 'detail', string>>,
) =>
  `'${kind}'::text AS kind, (${what})::text AS what, (${rest.owner ?? 'NULL'})::text AS owner,
   (${rest.seconds ?? 'NULL'})::double precision AS seconds, (${rest.state ?? 'NULL'})::text AS state, (${rest.detail ?? 'NULL'})::text AS detail`;

const isOthers = `datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
const age = (since: string) => `floor(extract(epoch FROM clock_timestamp() - ${since}))`;

/**
 * A digest of the names and types of a table's columns, independent of their order, so that two servers can be compared. Oids of types below
 * 10,000 are the same in every database (https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT),
 * and faster to read than the names of the types. Other types count by their names, which no server quotes here. hashtext gives the same on every version; md5 fails if OpenSSL is in FIPS mode.
 */
const digestOfColumns = `(SELECT concat_ws(' ', length(all_columns), hashtext(all_columns), hashtext(reverse(all_columns))) FROM (
    SELECT string_agg(
      concat_ws(' ', a.attname, CASE WHEN a.atttypid < 10000 THEN a.atttypid::text
        ELSE (SELECT tn.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace WHERE t.oid = a.atttypid) END,
        NULLIF(a.atttypmod, -1)),
      ',' ORDER BY a.attname::text COLLATE "C") AS all_columns
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS of_table)`;
const nameOfTable = `format('%I.%I', n.nspname, c.relname)`;

/** Nothing here waits for a lock. wal_status and safe_wal_size exist from PostgreSQL 13 on, invalidation_reason from 17 on, so they are read from the row as JSON. */
const activitySql = `
    SELECT ${row('transaction', 'pid', { owner: 'usename', seconds: age('xact_start'), state: 'state', detail: `CASE WHEN is_exclusive THEN 'holds a table for itself' END` })}
    FROM (
      SELECT *, EXISTS (SELECT FROM pg_locks l WHERE l.pid = activity.pid AND l.granted AND l.locktype = 'relation'
                         AND l.mode = 'AccessExclusiveLock') AS is_exclusive
      FROM pg_stat_activity AS activity WHERE ${isOthers} AND xact_start < clock_timestamp() - interval '${LONG_EXCLUSIVE} seconds'
    ) AS open
    WHERE is_exclusive OR xact_start < clock_timestamp() - interval '${LONG} seconds'
    UNION ALL
    SELECT ${row('prepared', 'gid', { owner: 'owner', seconds: age('prepared') })}
    FROM pg_prepared_xacts WHERE database = current_database()
    UNION ALL
    SELECT ${row('slot', 'slot_name', { owner: 'plugin', state: `to_jsonb(s) ->> 'wal_status'`, detail: `to_jsonb(s) ->> CASE to_jsonb(s) ->> 'wal_status' WHEN 'lost' THEN 'invalidation_reason' ELSE 'safe_wal_size' END` })}
    FROM pg_replication_slots s WHERE slot_type = 'logical' AND database = current_database() AND NOT temporary
    UNION ALL
    SELECT ${row('largeObjects', 'count(*)', {})} FROM (SELECT FROM pg_largeobject_metadata LIMIT 100000) AS objects HAVING count(*) > 0`;

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
function tablesSql(publications: readonly string[]): string {
  // Each is evaluated once, since it is used more than once.
  const published = `publishing AS (
    SELECT t.relid, p.pubinsert AND p.pubupdate AND p.pubdelete AND COALESCE((to_jsonb(p) ->> 'pubtruncate')::boolean, true)
      AND to_jsonb(t) ->> 'qual' IS NULL AND NOT EXISTS (${omittedColumns}) AS whole
    FROM pg_publication p CROSS JOIN LATERAL pg_get_publication_tables(p.pubname::text) t
    WHERE p.pubname = ANY (${textArray(publications)})),
  published AS (SELECT DISTINCT relid FROM publishing),
  covered AS ( -- A publication may have a partitioned table instead of its partitions.
    SELECT p.relid FROM published p JOIN pg_class c ON c.oid = p.relid AND c.relkind = 'p'
    UNION SELECT i.inhrelid FROM covered JOIN pg_inherits i ON i.inhparent = covered.relid)`;
  const publishedTables = `published p JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace`;
  return `
    WITH RECURSIVE ${published}
    (SELECT ${row('identity', nameOfTable, {})}
    FROM ${withoutIdentity('published p JOIN pg_class c ON c.oid = p.relid', ' JOIN pg_namespace n ON n.oid = c.relnamespace')}
    ORDER BY 2 LIMIT ${TABLES_AT_MOST})
    UNION ALL
    (SELECT ${row('unpublished', `format('%I.%I', c.nspname, c.relname)`, {})}
    FROM (
      SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${publications.length > 0 ? 'true' : 'false'} AND c.relkind = 'r' AND c.relpersistence = 'p'
        AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${LEDGER_SCHEMA}')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        AND NOT EXISTS (SELECT FROM published p WHERE p.relid = c.oid)
        AND NOT EXISTS (SELECT FROM covered WHERE covered.relid = c.oid)
      OFFSET 0 -- only of these a file is looked at
    ) c
    WHERE pg_relation_size(c.oid) > 0
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
    SELECT ${row('table', nameOfTable, { state: digestOfColumns })}
    FROM ${publishedTables}
    -- Where another publication publishes the rows of a partition through its root, a subscription receives the root alone.
    WHERE NOT EXISTS (SELECT FROM covered JOIN pg_inherits i ON i.inhparent = covered.relid WHERE i.inhrelid = c.oid)`;
}

/** A session with a transaction ID has written, or is about to. */
const standbySql = `
    SELECT ${row('writer', 'pid', { owner: 'usename', seconds: age('xact_start'), state: 'state', detail: 'application_name' })}
    FROM pg_stat_activity WHERE ${isOthers} AND backend_xid IS NOT NULL AND usename <> current_user
    UNION ALL
    SELECT ${row('table', nameOfTable, { state: digestOfColumns })}
    FROM pg_subscription_rel JOIN pg_class c ON c.oid = srrelid AND c.relkind <> 'S' JOIN pg_namespace n ON n.oid = c.relnamespace`;

/** Transactions, slots and large objects of the primary. They can be read whatever is locked. */
export async function readPrimaryActivity(primary: Endpoint, expected: Identity): Promise<Obstruction[]> {
  return readAll(primary, expected, activitySql);
}

/** @param publications the publications that the standby subscribes to */
export async function readPrimaryTables(
  primary: Endpoint,
  expected: Identity,
  publications: readonly string[],
): Promise<Obstruction[]> {
  return readAll(primary, expected, tablesSql(publications));
}

/** Writers on the standby, and its subscribed tables. Nothing waits for a lock. */
export async function readStandbyGuardrails(standby: Endpoint, expected: Identity): Promise<Obstruction[]> {
  return readAll(standby, expected, standbySql);
}

/** About locks: pg_relation_size locks one table at a time, and only while it reads the size. */
async function readAll(endpoint: Endpoint, expected: Identity, sql: string): Promise<Obstruction[]> {
  const [rows = []] = await endpoint.read<Obstruction & Row>({ expected, locks: 50 }, [
    `SELECT ${columns} FROM (${sql}) AS found`,
  ]);
  // The names of both sides are compared, and each server quotes by its own version and settings.
  return rows.map((found) => (ofTables.has(found.kind) ? { ...found, what: requoted(found.what) } : found));
}

/** The kinds of which `what` is the quoted name of a table. */
const ofTables: ReadonlySet<Obstruction['kind']> = new Set(['identity', 'unpublished', 'partly', 'table']);
