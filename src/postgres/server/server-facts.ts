import type { ServerState } from '../../steps/server-state.js';
import type { Row } from '../endpoint.js';
import type { LockSettings } from '../session/lock-budget.js';

/** The facts about a server, and what it allows, as one session sees it. */
export interface ServerFacts extends LockSettings, ServerState {
  /** As `SHOW server_version` prints it, and as `server_version_num`, such as 180004. */
  version: { text: string; number: number };
  /** When the server was started, in UTC, such as `20261129T181500.123456Z`. It tells a server from one that is a copy of its files. */
  startedAt: string;
  /** The address and port on which the server has accepted this connection; null for a Unix socket. */
  acceptedAt: string | null;
  isSuperuser: boolean;
}

/** Logical replication and the catalog pg_sequence came with PostgreSQL 10. docs/reference/versions.md has the versions that the tests use. */
const OLDEST = 100_000;

interface FactsRow extends Row {
  systemIdentifier: string;
  databaseOid: string;
  database: string;
  versionText: string;
  versionNumber: number;
  inRecovery: boolean;
  readOnlyByDefault: boolean;
  readOnlySource: string;
  publicMayConnect: boolean;
  readOnlyRoles: string[];
  startedAt: string;
  acceptedAt: string | null;
  maxConnections: number;
  maxLocksPerTransaction: number;
  maxPreparedTransactions: number;
  user: string;
  isSuperuser: boolean;
}

/** Returns one row. */
export const factsSql = `
  SELECT system_identifier::text AS "systemIdentifier", oid::text AS "databaseOid", datname AS "database",
            current_setting('server_version') AS "versionText",
            current_setting('server_version_num')::integer AS "versionNumber",
            pg_is_in_recovery() AS "inRecovery",
            current_setting('default_transaction_read_only')::boolean AS "readOnlyByDefault",
            (SELECT source FROM pg_settings WHERE name = 'default_transaction_read_only') AS "readOnlySource",
            EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
                    WHERE grantee = 0 AND privilege_type = 'CONNECT') AS "publicMayConnect",
            ARRAY(SELECT quote_ident(rolname) FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole
                  WHERE setdatabase = pg_database.oid AND EXISTS (
                    SELECT FROM unnest(setconfig) AS entry
                    -- The catalog keeps the text as it was written.
                    WHERE CASE WHEN split_part(entry, '=', 1) = 'default_transaction_read_only' THEN split_part(entry, '=', 2)::boolean ELSE false END)
                  ORDER BY 1) AS "readOnlyRoles",
            to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS.US"Z"') AS "startedAt",
            host(inet_server_addr()) || ' ' || inet_server_port() AS "acceptedAt",
            current_setting('max_connections')::integer AS "maxConnections",
            current_setting('max_locks_per_transaction')::integer AS "maxLocksPerTransaction",
            current_setting('max_prepared_transactions')::integer AS "maxPreparedTransactions",
            current_user AS "user",
            (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS "isSuperuser"
  FROM pg_control_system(), pg_database WHERE datname = current_database()`;

/** @param rows the result of `factsSql` */
export function toServerFacts([row]: readonly Row[]): Omit<ServerFacts, 'writesRefused'> {
  if (!row) throw new Error('The server returned no row for its own facts.');
  const { systemIdentifier, databaseOid, database, versionText, versionNumber, ...facts } = row as FactsRow;
  return {
    ...facts,
    identity: { systemIdentifier, databaseOid, database },
    version: { text: versionText, number: versionNumber },
    unsupported:
      versionNumber < OLDEST
        ? `It runs PostgreSQL ${versionText}, and logical replication of PostgreSQL itself begins with 10.`
        : null,
  };
}
