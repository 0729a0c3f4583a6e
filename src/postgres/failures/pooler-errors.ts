import type { Kind } from './error-kind.js';

/**
 * PgBouncer answers nearly everything by itself with SQLSTATE 08P01, from a wrong password to a dead server, so only the message tells them
 * apart: disconnect_client in its src/client.c, objects.c, janitor.c and pam.c, from version 1.9 to 1.25. It does not translate them. A
 * message of the server, which it passes on, may be in another language; then it counts as a temporary error.
 */
const misconfiguredPooler = (what: string): Kind => ({
  scope: 'connection',
  retryable: false,
  isOfPooler: true,
  remedy: `PgBouncer answered, not the server behind it. ${what}, or give the side's URL the address of the server itself.`,
});

const database = misconfiguredPooler(
  "Check the database in the side's URL, and [databases] in pgbouncer.ini (SHOW DATABASES in its admin console)",
);
const user = misconfiguredPooler(
  "Check the user and password of the side's URL, and auth_file, auth_query and auth_hba_file of pgbouncer.ini",
);
const serverLogin = misconfiguredPooler(
  'It cannot log in to the server: check user, password and dbname of this database in [databases] of pgbouncer.ini, and the pg_hba.conf of the server',
);
const parameter = misconfiguredPooler(
  'Add the parameter to ignore_startup_parameters in pgbouncer.ini, and RELOAD',
);
const statements = misconfiguredPooler(
  'Set pool_mode = transaction for this database in [databases] of pgbouncer.ini, and RELOAD',
);
const encryption = misconfiguredPooler(
  "Set sslmode=require in the side's URL, or change client_tls_sslmode in pgbouncer.ini",
);

const busy = (setting: string): Kind => ({
  scope: 'connection',
  retryable: true,
  isOfPooler: true,
  remedy: `If the error persists: raise ${setting} in pgbouncer.ini, or give the side's URL the address of the server itself.`,
});

/** The server's own words, after a login of the pooler that failed. */
const REFUSED_LOGIN =
  /^(?:server login failed: |server login has been failing, cached error: )?(?:FATAL: +)?(?:(?:password|\w+) authentication failed for user|no pg_hba\.conf entry|pg_hba\.conf rejects|role "[^"]*" (?:does not exist|is not permitted to log in)|database "[^"]*" (?:does not exist|is not currently accepting connections)|permission denied for database|wrong password type)/u;

const byMessage: readonly (readonly [RegExp, Kind])[] = [
  [/^no such database/u, database],
  [/^(?:authentication )?database "[^"]*" (?:is disabled|does not allow connections)/u, database],
  [/^no such user/u, user],
  [/^(?:"trust"|password|SASL|certificate|PAM|LDAP) authentication failed$/u, user],
  [/^(?:unix socket )?login rejected$/u, user],
  [/^no authentication method is found$/u, user],
  [/^empty password returned by client$/u, user],
  [/^(?:username|password) too long$/u, user],
  [REFUSED_LOGIN, serverLogin],
  [/^server login failed: (?:none of|failed to verify|invalid server signature)/u, serverLogin],
  [/^unsupported (?:options )?startup parameter/u, parameter],
  [/^transaction blocks not allowed in statement pooling mode$/u, statements],
  [/^SSL required$/u, encryption],
  [/\(max_client_conn\)$/u, busy('max_client_conn')],
  [/\(max_db_client_connections\)$/u, busy('max_db_client_connections')],
  [/\(max_user_client_connections\)$/u, busy('max_user_client_connections')],
  // All connections to the server are in use, or it is dead.
  [/^query_wait_timeout$/u, busy('default_pool_size')],
];

/** The kind of an error with SQLSTATE 08P01, by its message; undefined for any other, such as that of a dead server. */
export function kindOfPooler(message: string): Kind | undefined {
  return byMessage.find(([pattern]) => pattern.test(message))?.[1];
}
