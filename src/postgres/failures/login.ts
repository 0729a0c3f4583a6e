import { escapeIdentifier } from 'pg';

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

/** The role of the login, for a statement. @returns a placeholder if it is not known */
export function roleOf(error: unknown): string {
  const role = loginOf(error)?.role;
  return role === undefined ? '<role of the URL>' : escapeIdentifier(role);
}

/** The database of the login, for a statement. @returns a placeholder if it is not known */
export function databaseOf(error: unknown): string {
  const database = loginOf(error)?.database;
  return database === undefined ? '<database>' : escapeIdentifier(database);
}

/** That of the error, or else of its cause. */
function loginOf(error: unknown): Login | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  return logins.get(error) ?? ('cause' in error ? loginOf(error.cause) : undefined);
}
