import type { Identity } from '../../steps/identity.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

/** Something on a server that stands in the way of a switch, or is left behind by it. */
export interface Obstruction {
  kind:
    'transaction' | 'prepared' | 'slot' | 'identity' | 'unpublished' | 'largeObjects' | 'writer' | 'table';
  /** A pid, a name, or a count. */
  what: string;
  /** Of a session or a transaction, whose it is, and how old in seconds. */
  owner: string | null;
  seconds: number | null;
  /** Of a slot its wal_status; of a table a digest of its columns. */
  state: string | null;
  detail: string | null;
}

/** More tables than this are only counted. */
const TABLES_AT_MOST = 501;
/** In seconds. A transaction that holds a table for itself is in the way sooner. */
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

/** Columns of tables, so that two servers can be compared: the names and types, whatever their order. */
const digestOfColumns = `md5((SELECT string_agg(format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)), ',' ORDER BY a.attname COLLATE "C")
  FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))`;
const nameOfTable = `format('%I.%I', n.nspname, c.relname)`;

/** wal_status and safe_wal_size exist from PostgreSQL 13 on; the row as JSON tells whether they do. */
function primarySql(publications: readonly string[]): string {
  // Evaluated once: it is used three times.
  const published = `published AS (SELECT DISTINCT schemaname, tablename FROM pg_publication_tables
    WHERE pubname = ANY (${textArray(publications)}))`;
  const tables = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace`;
  return `
    WITH ${published}
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
    SELECT ${row('slot', 'slot_name', { owner: 'plugin', state: `to_jsonb(s) ->> 'wal_status'`, detail: `to_jsonb(s) ->> 'safe_wal_size'` })}
    FROM pg_replication_slots s WHERE slot_type = 'logical' AND database = current_database() AND NOT temporary
    UNION ALL
    (SELECT ${row('identity', nameOfTable, {})}
    FROM published p JOIN pg_namespace n ON n.nspname = p.schemaname JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
    WHERE c.relreplident = 'n'
       OR c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
    ORDER BY 2 LIMIT ${TABLES_AT_MOST})
    UNION ALL
    (SELECT ${row('unpublished', nameOfTable, {})}
    FROM ${tables}
    WHERE ${publications.length > 0 ? 'true' : 'false'} AND c.relkind = 'r' AND c.relpersistence = 'p'
      AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sequence_failover')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      AND NOT EXISTS (SELECT FROM published p WHERE p.schemaname = n.nspname AND p.tablename = c.relname)
      AND NOT c.relispartition AND pg_relation_size(c.oid) > 0
    ORDER BY 2 LIMIT ${TABLES_AT_MOST})
    UNION ALL
    SELECT ${row('largeObjects', 'count(*)', {})} FROM (SELECT FROM pg_largeobject_metadata LIMIT 100000) AS objects HAVING count(*) > 0
    UNION ALL
    SELECT ${row('table', nameOfTable, { state: digestOfColumns })}
    FROM published p JOIN pg_namespace n ON n.nspname = p.schemaname JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename`;
}

/** Whoever has a transaction ID has written, or is about to. */
const standbySql = `
    SELECT ${row('writer', 'pid', { owner: 'usename', seconds: age('xact_start'), state: 'state', detail: 'application_name' })}
    FROM pg_stat_activity WHERE ${isOthers} AND backend_xid IS NOT NULL AND usename <> current_user
    UNION ALL
    SELECT ${row('table', nameOfTable, { state: digestOfColumns })}
    FROM pg_subscription_rel JOIN pg_class c ON c.oid = srrelid AND c.relkind <> 'S' JOIN pg_namespace n ON n.oid = c.relnamespace`;

/** @param publications those that the standby subscribes to */
export async function readPrimaryGuardrails(
  primary: Endpoint,
  expected: Identity,
  publications: readonly string[],
): Promise<Obstruction[]> {
  return readAll(primary, expected, primarySql(publications));
}

export async function readStandbyGuardrails(standby: Endpoint, expected: Identity): Promise<Obstruction[]> {
  return readAll(standby, expected, standbySql);
}

/** Locks: the tables whose size is asked for are locked one after the other, and only until then. */
async function readAll(endpoint: Endpoint, expected: Identity, sql: string): Promise<Obstruction[]> {
  const [rows = []] = await endpoint.read<Obstruction & Row>({ expected, locks: 50 }, [
    `SELECT ${columns} FROM (${sql}) AS found`,
  ]);
  return rows;
}
