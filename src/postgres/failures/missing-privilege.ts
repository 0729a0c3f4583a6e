import { quoteIdentifier } from '../../sequences/identifier.js';
import { databaseOf, roleOf } from './login.js';
import { routineOf } from './own-reason.js';

/**
 * The statement that grants what the error says is missing, with the names. The kind of object stands only in the message, which may be in
 * another language; then the remedy has a statement for each kind.
 */
export function missingPrivilegeRemedy(error: object): string {
  const role = roleOf(error);
  const database = databaseOf(error);
  const connect = `GRANT CONNECT ON DATABASE ${database} TO ${role};`;
  const message = error instanceof Error ? error.message : '';
  if (error instanceof Error && routineOf(error) === 'CheckMyDatabase')
    return `As the owner of the database or a superuser: ${connect}`;
  const [, kind, name = ''] = /^permission denied for (function|schema|database) (.+)$/u.exec(message) ?? [];
  // At the login, the server puts the name in quotes.
  if (kind === 'database' && !name.startsWith('"'))
    return `As the owner of the database or a superuser: GRANT CREATE ON DATABASE ${quoteIdentifier(name)} TO ${role};`;
  if (kind === 'schema')
    return `As the owner of the schema or a superuser: GRANT USAGE ON SCHEMA ${quoteIdentifier(name)} TO ${role};`;
  if (kind === 'function') {
    const schema = name.startsWith('pg_') ? 'pg_catalog.' : '';
    return `As the owner of the function or a superuser, in the database ${database}: GRANT EXECUTE ON FUNCTION ${schema}${quoteIdentifier(name)} TO ${role};`;
  }
  // PostgreSQL 10 says relation for a table.
  const [, table] = /^permission denied for (?:table|view|relation) (pg_.+)$/u.exec(message) ?? [];
  if (table !== undefined)
    return `As a superuser, in the database ${database}: GRANT SELECT ON pg_catalog.${quoteIdentifier(table)} TO ${role};`;
  // Runs neither own nor create what these need.
  if (/^must be |^permission denied to (?!set )/u.test(message))
    return 'Only promotions need this privilege. A superuser grants it with docs/how-to/promotion-privileges.sql; the check of a promotion, or of a rehearsal, names each privilege that is missing.';
  return `As the owner of what the message names, or a superuser, for a database: ${connect} for a sequence: GRANT USAGE ON SCHEMA <schema> TO ${role}; GRANT SELECT, UPDATE ON SEQUENCE <sequence> TO ${role}; for a function: GRANT EXECUTE ON FUNCTION <function> TO ${role};`;
}
