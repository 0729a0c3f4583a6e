/** The statements at the beginning of a transaction, and the row that they return. */
import type { Identity } from '../../steps/identity.js';
import type { Row } from '../endpoint.js';
import type { LockSettings } from './lock-budget.js';

/**
 * A commit has to survive a crash of the server, and every setting of synchronous_commit except `off` guarantees that. Whether it also waits
 * for synchronous standbys of the server is the operator's choice.
 */
export const durableSql = `SELECT set_config('synchronous_commit', 'local', true) WHERE current_setting('synchronous_commit') = 'off'`;

/**
 * JIT (from PostgreSQL 11 on) is turned off: the planner would use it for statements about some hundred sequences, and compiling takes longer
 * than these statements. client_connection_check_interval (from 14 on) lets the server notice during a statement that the worker has died, and
 * release the locks. A value that the operator has set stays, and only Linux supports it in every version. transaction_timeout (from 17 on) would
 * end the session; each statement and each pause has a timeout of its own. With array_nulls off, a NULL in an array literal would be a text. With
 * quote_all_identifiers on, the server would print the functions and types of an expression in quotes.
 */
export const settingsSql = `
  SELECT CASE WHEN current_setting('jit', true) IS NOT NULL THEN set_config('jit', 'off', true) END,
         CASE WHEN current_setting('client_connection_check_interval', true) = '0' AND version() LIKE '%linux%'
              THEN set_config('client_connection_check_interval', '2s', true) END,
         CASE WHEN current_setting('transaction_timeout', true) <> '0' THEN set_config('transaction_timeout', '0', true) END,
         set_config('array_nulls', 'on', true), set_config('quote_all_identifiers', 'off', true)`;

/** A database in SQL_ASCII converts nothing, and refuses to send text that is not valid UTF-8. One such name would make every listing fail. */
export const greetingSql = `
  SELECT CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN set_config('client_encoding', 'SQL_ASCII', true) END AS encoding,
         system_identifier::text AS "systemIdentifier", oid::text AS "databaseOid", datname AS "database",
         current_setting('server_version_num')::integer AS version, pg_backend_pid() AS pid,
         current_setting('max_locks_per_transaction')::integer AS "maxLocksPerTransaction",
         current_setting('max_connections')::integer AS "maxConnections",
         current_setting('max_prepared_transactions')::integer AS "maxPreparedTransactions",
         (SELECT CASE WHEN NOT rolsuper THEN least(nullif(greatest(rolconnlimit, -1), -1), nullif(greatest(datconnlimit, -1), -1)) END
          FROM pg_roles WHERE rolname = session_user) AS "connectionLimit"
  FROM pg_control_system(), pg_database WHERE datname = current_database()`;

export type GreetingRow = Row &
  Identity &
  LockSettings & { version: number; pid: number; connectionLimit: number | null };

/** @throws RangeError for a value that PostgreSQL does not accept as a timeout */
export function milliseconds(value: number): number {
  if (!Number.isSafeInteger(value) || value < 1 || value > 2_147_483_647) {
    throw new RangeError(`A timeout has to be from 1 to 2147483647 milliseconds, not ${value}.`);
  }
  return value;
}
