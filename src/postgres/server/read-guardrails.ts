import type { Identity } from '../../steps/identity.js';
import type { Obstruction } from '../../steps/obstruction.js';
import type { Endpoint } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';
import { assigningTriggersSql } from './assigning-triggers.js';
import { isOfUsers } from './functions-with-nextval.js';
import { hiddenFeedsSql } from './hidden-feeds.js';
import {
  digestOfColumns,
  digestOfText,
  type DigestedObstructions,
  nameOfTable,
  readDigested,
  readObstructions,
  row,
} from './obstruction-rows.js';

/** In seconds, the age from which a transaction is reported. One that holds an exclusive lock on a table is reported earlier. */
const LONG = 300;
const LONG_EXCLUSIVE = 10;

const isOthers = `datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
const age = (since: string) => `floor(extract(epoch FROM clock_timestamp() - ${since}))`;

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
    SELECT ${row('largeObjects', 'count(*)', {})} FROM (SELECT FROM pg_largeobject_metadata LIMIT 100000) AS objects HAVING count(*) > 0
    UNION ALL
    ${assigningTriggersSql}`;

/** The tables that a subscription of this database receives, as `c`, in the schemas `n`. */
const received = `pg_subscription_rel JOIN pg_class c ON c.oid = srrelid AND c.relkind <> 'S' JOIN pg_namespace n ON n.oid = c.relnamespace`;

/** Changes with each row of a catalog that is made, changed or dropped: each has the transaction that wrote it as xmin. */
const rowsOf = (catalog: string, which: string) =>
  `(SELECT concat_ws(' ', count(*), sum(xmin::text::int8)) FROM ${catalog} WHERE ${which})`;

/** Triggers, rules and functions, which may call nextval unseen. */
const digestOfCallers = [
  rowsOf('pg_trigger', 'NOT tgisinternal'),
  rowsOf('pg_rewrite', `ev_type = '3'`),
  rowsOf('pg_proc', isOfUsers('oid')),
].join(` || '/' || `);

/** A subscription writes rows to the table that has the name of the primary's: with another name, a table receives no more rows. */
const digestOfReceived = row(
  'digest',
  `(SELECT ${digestOfText('tables')} FROM (
      SELECT coalesce((SELECT string_agg(concat_ws(' ', srsubid, srrelid, n.nspname, c.relname), ',' ORDER BY srsubid, srrelid) FROM ${received}), '') || '/'
        || coalesce((SELECT string_agg(concat_ws(' ', subname, subpublications), ',' ORDER BY subname) FROM pg_subscription
                     WHERE subdbid = ${OID_OF_DATABASE}), '') || '/' || ${digestOfCallers} AS tables OFFSET 0) AS every)`,
  {},
);

/** A session with a transaction ID has written, or is about to. */
const standbySql = `
    SELECT ${row('writer', 'pid', { owner: 'usename', seconds: age('xact_start'), state: 'state', detail: 'application_name' })}
    FROM pg_stat_activity WHERE ${isOthers} AND backend_xid IS NOT NULL AND usename <> current_user
    UNION ALL
    SELECT ${row('table', nameOfTable, { state: digestOfColumns })}
    FROM ${received}
    UNION ALL
    SELECT ${digestOfReceived}
    UNION ALL
    ${assigningTriggersSql}
    UNION ALL
    ${hiddenFeedsSql}`;

/** Transactions, slots, large objects and triggers of the primary. They can be read whatever is locked. */
export async function readPrimaryActivity(primary: Endpoint, expected: Identity): Promise<Obstruction[]> {
  return readObstructions(primary, expected, activitySql);
}

/** Writers on the standby, its subscribed tables, and what may call nextval unseen. Nothing waits for a lock. */
export function readStandbyGuardrails(standby: Endpoint, expected: Identity): Promise<DigestedObstructions> {
  return readDigested(standby, expected, standbySql);
}

/** What may call nextval unseen, which is part of {@link readStandbyGuardrails}. */
export function readHiddenFeeds(standby: Endpoint, expected: Identity): Promise<Obstruction[]> {
  return readObstructions(standby, expected, hiddenFeedsSql);
}

/** Reads the digest of {@link readStandbyGuardrails} alone. */
export async function readReceivedDigest(standby: Endpoint, expected: Identity): Promise<string> {
  const { digest } = await readDigested(standby, expected, `SELECT ${digestOfReceived}`);
  return digest;
}
