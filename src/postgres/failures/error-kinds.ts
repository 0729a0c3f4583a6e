import type { Kind } from './error-kind.js';
import { kindOfPooler } from './pooler-errors.js';
import { SQLSTATE } from './sqlstate.js';

const kind = (scope: Kind['scope'], retryable: boolean, remedy: string): Kind => ({
  scope,
  retryable,
  remedy,
});

export const serverUnreachable = kind(
  'connection',
  true,
  'Check that the server runs and that the worker can reach it: pg_isready -h <host> -p <port>.',
);
/** The server has ended a session because of a timeout of the role, the database or the server. */
const sessionTimeout = (setting: string) =>
  kind(
    'connection',
    true,
    `The ${setting} of the role, the database or the server is too short. Where it is set: SELECT setdatabase, setrole::regrole, setconfig FROM pg_db_role_setting; and for the server: SELECT boot_val, reset_val, sourcefile, sourceline FROM pg_settings WHERE name = '${setting}'; take it back there: ALTER ROLE <role> RESET ${setting}; or ALTER DATABASE <database> RESET ${setting}; or ALTER SYSTEM RESET ${setting}; SELECT pg_reload_conf();`,
  );
export const tooManyConnections = kind('connection', true, '');
const outOfMemory = kind(
  'connection',
  true,
  'If the error persists: raise max_locks_per_transaction (needs a restart), or end the transactions that hold many locks: SELECT pid, count(*) FROM pg_locks GROUP BY pid ORDER BY 2 DESC LIMIT 5.',
);
const serializationFailure = kind(
  'connection',
  true,
  'A conflict with another transaction passes by itself. If the error persists, pg_stat_activity shows the other transactions.',
);
const lockConflict = kind(
  'statement',
  true,
  'If the error persists, let the session end that holds the lock, or end it: SELECT pid, pg_blocking_pids(pid), usename, query FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0 shows it; SELECT pg_terminate_backend(<pid>) ends it.',
);
const cancelled = kind(
  'statement',
  true,
  'If the error persists, see what the statement waits for: SELECT pid, wait_event_type, wait_event, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE state = $$active$$.',
);
export const notReplicated = kind('statement', true, '');
export const login = kind(
  'connection',
  false,
  "Check the user and password of the side's URL with psql, whether the role may log in and its password is still valid (rolcanlogin and rolvaliduntil in pg_roles), and the server's pg_hba.conf.",
);
/** Supavisor is Supabase's pooler. Its errors have the SQLSTATE XX000. */
const supavisorLogin: Kind = {
  ...login,
  isOfPooler: true,
  remedy:
    "Supabase's pooler answered, not the server behind it. Check the user (postgres.<project>), the host and the password of the side's URL, and whether the project is paused; or give the side's URL the address of the server itself.",
};
const supavisorIsFull: Kind = {
  ...tooManyConnections,
  isOfPooler: true,
  remedy:
    "If the error persists: raise the pool size of Supabase's pooler, or give the side's URL the address of the server itself.",
};
const noDatabase = kind(
  'connection',
  false,
  "Check the database in the side's URL: psql -l lists those that exist, and pg_database.datallowconn says whether it takes connections.",
);
const readOnly = kind(
  'connection',
  false,
  'Connect to a server that accepts writes: SELECT pg_is_in_recovery() and SHOW default_transaction_read_only tell.',
);
const tls = kind(
  'connection',
  false,
  "Check sslmode and sslrootcert of the side's URL against the server's certificate: openssl s_client -starttls postgres -connect <host>:<port>.",
);
const withoutTls = kind(
  'connection',
  false,
  "The server offers no TLS, which sslmode of the side's URL asks for. Turn it on there (ssl, ssl_cert_file and ssl_key_file in postgresql.conf); or, only on a network that you trust, write sslmode=prefer in the URL.",
);
export const privilege = kind('statement', false, '');
const undefinedObject = kind(
  'statement',
  false,
  'Check whether it was dropped or renamed (\\d in psql); create it there, or exclude it.',
);
const outOfRange = kind(
  'statement',
  false,
  'Look at its bounds and its type (\\d <sequence> in psql). Where they are too tight, as its owner: ALTER SEQUENCE <sequence> AS bigint MAXVALUE 9223372036854775807; or choose a smaller buffer.',
);
const encoding = kind(
  'statement',
  false,
  "A name or value cannot be written in both the database's encoding and UTF-8: rename or correct it there (SHOW server_encoding; and the server's log say more).",
);
const invalidValue = kind(
  'statement',
  false,
  "Check the value that the message names. The server's log has the statement.",
);
const temporaryFiles = kind(
  'statement',
  false,
  "Give the worker's role more memory, as a superuser: ALTER ROLE <role> SET work_mem = $$64MB$$; or let it write temporary files: ALTER ROLE <role> SET temp_file_limit = -1; and try again.",
);
/** Besides triggers of tables, which the worker writes only in the ledger, an event trigger raises it: for a login, or for DDL. */
const raised = kind(
  'statement',
  false,
  "A trigger or an event trigger of the database raises this error: SELECT evtname, evtevent, evtfoid::regproc FROM pg_event_trigger WHERE evtenabled <> $$D$$ lists the latter. Let it pass the worker's role, or disable it: ALTER EVENT TRIGGER <name> DISABLE; and try again.",
);
const serverFault = kind('statement', false, "Read the server's log: it says more about this error.");
export const unknown = kind(
  'statement',
  false,
  "Read the server's log at this time. If the cause is not there, report it with the history: sequence-failover export <workflow ID>.",
);
export const misconfigured = kind(
  'connection',
  false,
  "Correct the side's URL, or the files and variables that it relies on.",
);

/**
 * By SQLSTATE, the longest prefix wins: https://www.postgresql.org/docs/current/errcodes-appendix.html. Class 53 and class 57 mean
 * the whole server, and so do the ends of a session in class 25.
 */
const bySqlstate: Readonly<Record<string, Kind>> = {
  '08': serverUnreachable,
  '57P': serverUnreachable,
  '57P04': noDatabase,
  '57': cancelled,
  '57P05': sessionTimeout('idle_session_timeout'),
  '25P03': sessionTimeout('idle_in_transaction_session_timeout'),
  '25P04': sessionTimeout('transaction_timeout'),
  [SQLSTATE.readOnlySqlTransaction]: readOnly,
  '53': outOfMemory,
  // All replication slots, or all origins, are in use.
  '53400': kind(
    'statement',
    false,
    'Drop a replication slot that nobody uses (SELECT slot_name, active FROM pg_replication_slots; SELECT pg_drop_replication_slot($$<slot>$$)), or raise max_replication_slots (needs a restart).',
  ),
  '53100': kind('connection', true, 'Free disk space on the server.'),
  [SQLSTATE.tooManyConnections]: tooManyConnections,
  '40': serializationFailure,
  [SQLSTATE.lockNotAvailable]: lockConflict,
  '55006': lockConflict,
  '28': login,
  '3D': noDatabase,
  [SQLSTATE.insufficientPrivilege]: privilege,
  '42': undefinedObject,
  '3F': undefinedObject,
  '22': invalidValue,
  '22003': outOfRange,
  '2200H': outOfRange,
  '22021': encoding,
  '22P05': encoding,
  P0: raised,
  '58': serverFault,
  XX: serverFault,
};

/** Node's own errors, by their code. */
const byCode: Readonly<Record<string, Kind>> = {
  ...group(serverUnreachable, 'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTCONN'),
  ...group(
    serverUnreachable,
    'EHOSTUNREACH',
    'EHOSTDOWN',
    'ENETUNREACH',
    'ENETDOWN',
    'EADDRNOTAVAIL',
    'ENOENT',
  ),
  ...group(
    serverUnreachable,
    'EAI_AGAIN',
    'ENOTFOUND',
    'EAI_FAIL',
    'EMFILE',
    'ENFILE',
    'ERR_STREAM_DESTROYED',
  ),
  ...group(misconfigured, 'EACCES', 'EPERM', 'ERR_INVALID_ARG_VALUE', 'ERR_SOCKET_BAD_PORT'),
  ...group(tls, 'EPROTO', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'HOSTNAME_MISMATCH'),
  ...group(
    tls,
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ),
  ...group(tls, 'UNABLE_TO_GET_CRL', 'INVALID_CA', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED'),
};
const tlsCode = /^(?:CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|CRL_|UNABLE_TO_DE)/;

/** Errors without a code, such as pg's own, and errors of servers and poolers whose code is too general. */
const byMessage: readonly (readonly [RegExp, Kind])[] = [
  [/^The server allows no more than \d+ connections now/, tooManyConnections],
  [/^Connection terminated/, serverUnreachable],
  [/^timeout e/, serverUnreachable],
  [/^Query read timeout$/, serverUnreachable],
  [/is not queryable$/, serverUnreachable],
  [/^Cannot use a pool after calling end/, serverUnreachable],
  [/^Received unexpected \w+ message/, serverUnreachable],
  [/^There was an error establishing an SSL connection$/, serverUnreachable],
  [/socket disconnected before secure TLS connection/, serverUnreachable],
  [/^The server does not support SSL connections$/, withoutTls],
  [/^SASL: /, login],
];
/** Errors whose SQLSTATE is too general, by the message or the server's function. A message is translated unless the server raises it by elog. */
const bySqlstateAnd: readonly {
  sqlstate: string;
  message: RegExp;
  /** The server's function that raises the error, for a message that may be in another language (https://www.postgresql.org/docs/current/protocol-error-fields.html). */
  routine?: string;
  kind: Kind;
}[] = [
  // Setting a read-write mode on a physical standby, check_transaction_read_only in PostgreSQL's commands/variable.c.
  {
    sqlstate: '0A000',
    message: /read-write mode during recovery/,
    routine: 'call_bool_check_hook',
    kind: readOnly,
  },
  { sqlstate: '25001', message: /read-write mode/, routine: 'call_bool_check_hook', kind: readOnly },
  // Two sessions make the first setting of the same database at the same time. Names are not translated.
  {
    sqlstate: SQLSTATE.uniqueViolation,
    message: /pg_db_role_setting_databaseid_rol_index/,
    kind: lockConflict,
  },
  // ALTER DATABASE … ALLOW_CONNECTIONS false, CheckMyDatabase in PostgreSQL's utils/init/postinit.c.
  {
    sqlstate: SQLSTATE.objectNotInPrerequisiteState,
    message: /not currently accepting connections/,
    routine: 'CheckMyDatabase',
    kind: noDatabase,
  },
  // The name of the setting is not translated.
  { sqlstate: '53400', message: /temp_file_limit/, kind: temporaryFiles },
  { sqlstate: 'XX000', message: /could not open relation|cache lookup failed/, kind: undefinedObject },
  { sqlstate: 'XX000', message: /^tuple concurrently (?:updated|deleted)/, kind: lockConflict },
  { sqlstate: 'XX000', message: /tenant or user not found/i, kind: supavisorLogin },
  { sqlstate: 'XX000', message: /max ?client/i, kind: supavisorIsFull },
];

function group(of: Kind, ...codes: string[]): Record<string, Kind> {
  return Object.fromEntries(codes.map((code) => [code, of]));
}

/** By SQLSTATE, and by the message or the server's function if one SQLSTATE has several meanings. */
export function kindOfSqlstate(sqlstate: string, message: string, routine: string | null): Kind {
  const special = bySqlstateAnd.find(
    (one) =>
      one.sqlstate === sqlstate &&
      (one.message.test(message) || (one.routine !== undefined && one.routine === routine)),
  );
  if (special) return special.kind;
  const ofPooler = sqlstate === SQLSTATE.protocolViolation ? kindOfPooler(message) : undefined;
  if (ofPooler) return ofPooler;
  for (let length = 5; length >= 2; length--) {
    const found = bySqlstate[sqlstate.slice(0, length)];
    if (found) return found;
  }
  return unknown;
}

/** By the code of an error of Node. */
export function kindOfCode(code: string): Kind | undefined {
  const found = Object.hasOwn(byCode, code) ? byCode[code] : undefined;
  return found ?? (tlsCode.test(code) ? tls : undefined);
}

/** By the message of an error that carries no code. */
export function kindOfMessage(message: string): Kind | undefined {
  return byMessage.find(([pattern]) => pattern.test(message))?.[1];
}
