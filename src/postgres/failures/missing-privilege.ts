import { escapeIdentifier } from 'pg';
import { quoteIdentifier } from '../../sequences/identifier.js';
import { routineOf } from './own-reason.js';

/** The login with which an error occurred. */
export interface Login {
  role: string;
  database: string;
}

const logins = new WeakMap<object, Login>();

/** Remembers the login, so that a remedy can name it. The server's error does not have it. */
export function noteLogin(error: unknown, login: Partial<Login>): void {
  const { role, database } = login;
  if (typeof error === 'object' && error !== null && role !== undefined && database !== undefined)
    logins.set(error, { role, database });
}

/**
 * The statement that grants what the error says is missing, with the names. The kind of object stands only in the message, which may be in
 * another language; then the remedy has a statement for each kind.
 */
export function missingPrivilegeRemedy(error: object): string {
  const login = logins.get(error);
  const role = login === undefined ? '<role of the URL>' : escapeIdentifier(login.role);
  const database = login === undefined ? '<database>' : escapeIdentifier(login.database);
  const connect = `GRANT CONNECT ON DATABASE ${database} TO ${role};`;
  const message = error instanceof Error ? error.message : '';
  if (error instanceof Error && routineOf(error) === 'CheckMyDatabase')
    return `As the owner of the database or a superuser: ${connect}`;
  const [, kind, name = ''] = /^permission denied for (function|schema) (.+)$/u.exec(message) ?? [];
  if (kind === 'schema')
    return `As the owner of the schema or a superuser: GRANT USAGE ON SCHEMA ${quoteIdentifier(name)} TO ${role};`;
  if (kind === 'function') {
    const schema = name.startsWith('pg_') ? 'pg_catalog.' : '';
    return `As the owner of the function or a superuser, in the database ${database}: GRANT EXECUTE ON FUNCTION ${schema}${quoteIdentifier(name)} TO ${role};`;
  }
  return `As the owner of what the message names, or a superuser, for a database: ${connect} for a sequence: GRANT USAGE ON SCHEMA <schema> TO ${role}; GRANT SELECT, UPDATE ON SEQUENCE <sequence> TO ${role}; for a function: GRANT EXECUTE ON FUNCTION <function> TO ${role};`;
}
