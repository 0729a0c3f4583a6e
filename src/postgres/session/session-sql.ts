/** What a session says to the server at the beginning of a transaction, and what it hears. */
import type { Identity } from '../../steps/identity.js';
import type { Row } from '../endpoint.js';
import type { LockSettings } from './lock-budget.js';

/**
 * What was committed has to survive a crash of the server, which only `off` does not promise. Whether it also waits for the server's own
 * synchronous standbys is its operator's choice.
 */
export const durableSql = `SELECT set_config('synchronous_commit', 'local', true) WHERE current_setting('synchronous_commit') = 'off'`;

/**
 * Compiling would take longer than the statements, which it is used for as soon as they are about some hundred sequences. Before PostgreSQL 11
 * there is none. From 14 on a server can notice that the worker has died while it is at work for it, and give its locks back; what an
 * operator has chosen there stays, and only Linux can do it on every version.
 */
export const settingsSql = `
  SELECT CASE WHEN current_setting('jit', true) IS NOT NULL THEN set_config('jit', 'off', true) END,
         CASE WHEN current_setting('client_connection_check_interval', true) = '0' AND version() LIKE '%linux%'
              THEN set_config('client_connection_check_interval', '2s', true) END`;

/** From SQL_ASCII the server converts nothing, and refuses to send what is no UTF-8: one such name would stop whoever lists them all. */
export const greetingSql = `
  SELECT CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN set_config('client_encoding', 'SQL_ASCII', true) END AS encoding,
         system_identifier::text AS "systemIdentifier", oid::text AS "databaseOid", datname AS "database",
         current_setting('server_version_num')::integer AS version,
         current_setting('max_locks_per_transaction')::integer AS "maxLocksPerTransaction",
         current_setting('max_connections')::integer AS "maxConnections",
         current_setting('max_prepared_transactions')::integer AS "maxPreparedTransactions",
         (SELECT CASE WHEN NOT rolsuper THEN least(nullif(greatest(rolconnlimit, -1), -1), nullif(greatest(datconnlimit, -1), -1)) END
          FROM pg_roles WHERE rolname = session_user) AS "connectionLimit"
  FROM pg_control_system(), pg_database WHERE datname = current_database()`;

export type GreetingRow = Row & Identity & LockSettings & { version: number; connectionLimit: number | null };

/** @throws RangeError for what PostgreSQL takes for no timeout */
export function milliseconds(value: number): number {
  if (!Number.isSafeInteger(value) || value < 1 || value > 2_147_483_647) {
    throw new RangeError(`A timeout has to be from 1 to 2147483647 milliseconds, not ${value}.`);
  }
  return value;
}
