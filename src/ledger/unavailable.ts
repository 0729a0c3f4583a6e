import type { Endpoint } from '../postgres/endpoint.js';
import { classify } from '../postgres/failures/classify.js';
import { NotReplicatedError, WrongServerError } from '../postgres/failures/errors.js';
import { SQLSTATE } from '../postgres/failures/sqlstate.js';
import { unknownProblemRemedy } from './event-triggers.js';
import { NotStoredError, setAsideRemedy, notStoredRemedy } from './not-stored.js';
import { newestColumn } from './migrations.js';
import { LedgerTooNewError } from './schema-version.js';

/**
 * Describes a permanent error of the ledger, and what to change.
 * @throws the error itself if a retry can help, or if the session leads to another database than at the start of the run
 */
export async function whyUnavailable(endpoint: Endpoint, error: unknown): Promise<string> {
  if (error instanceof WrongServerError) throw error;
  if (error instanceof LedgerTooNewError) return describe(endpoint, error.message);
  if (error instanceof NotStoredError)
    return describe(endpoint, `${error.message}. ${await advice(endpoint, notStoredRemedy)}`);
  const { retryable, sqlstate, reason, remedy } = classify(error);
  // It is not retried: the rows are written by then, and each retry would wait as long for the replica.
  if (retryable && !(error instanceof NotReplicatedError)) throw error;
  const why = reason.replace(/\.$/u, '');
  if (sqlstate === SQLSTATE.insufficientPrivilege)
    return describe(endpoint, `${why}. ${await advice(endpoint, grantsRemedy)}`);
  const isAboutTables = sqlstate !== null && ofTables.test(sqlstate);
  return describe(
    endpoint,
    `${why}. ${isAboutTables ? await advice(endpoint, unknownProblemRemedy) : remedy}`,
  );
}

/**
 * Errors that mean that the tables differ from a ledger's: other columns, constraints, partitions or triggers. Not 22021 and
 * 22P05: if the database's encoding lacks a character of a name, new tables would not help.
 */
const ofTables = /^(?:0A|21|22(?!021|P05)|23|42|44|P0|XX)/u;

/** What to change so that the ledger can be read. The ledger itself has to stay: it has what is wanted. */
export async function readingRemedy(endpoint: Endpoint, error: unknown): Promise<string> {
  const { sqlstate, remedy } = classify(error);
  const { host, port, database } = endpoint.address;
  const place = `in the ledger's database, ${host}:${port}/${database}`;
  if (sqlstate === SQLSTATE.insufficientPrivilege) {
    const grants = await grantsRemedy(endpoint).catch(() => null);
    return grants === null ? remedy : `${place}, ${grants.replace(/^A/u, 'a')}`;
  }
  return sqlstate !== null && ofTables.test(sqlstate)
    ? `${place}, undo what has changed the tables of the schema sequence_failover: they are not as this software made them`
    : remedy;
}

async function advice(endpoint: Endpoint, find: (endpoint: Endpoint) => Promise<string>): Promise<string> {
  try {
    return await find(endpoint);
  } catch {
    return setAsideRemedy;
  }
}

function describe({ side, address }: Endpoint, why: string): string {
  const { host, port, database } = address;
  return `The ledger on the ${side} at ${host}:${port}/${database} cannot be written: ${why}`;
}

/** SQL: whether the role may write rows to the table `c` of the schema `n`. */
export const mayWriteRows = `has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')`;

/** The statements that grant the worker's role the missing privileges. */
export async function grantsRemedy(endpoint: Endpoint): Promise<string> {
  const [found] = await endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
    query<{ role: string; tables: string[]; writable: boolean; current: boolean }>(
      `SELECT quote_ident(current_user) AS role, coalesce(json_agg(quote_ident(c.relname) ORDER BY c.relname) FILTER (WHERE c.oid IS NOT NULL), '[]') AS tables,
         coalesce(bool_and(${mayWriteRows}), false) AS writable,
         coalesce(bool_or(c.relname = $1 AND EXISTS (
           SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped)), false) AS current
       FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r'
       WHERE n.nspname = 'sequence_failover'`,
      [newestColumn.table, newestColumn.column],
    ),
  );
  const { role = '<role>', tables = [], writable = false, current = false } = found ?? {};
  if (tables.length === 0)
    return `As a superuser run: CREATE SCHEMA sequence_failover AUTHORIZATION ${role};`;
  if (current && !writable)
    return (
      `As the owner of the schema run: GRANT USAGE ON SCHEMA sequence_failover TO ${role}; ` +
      `GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA sequence_failover TO ${role};`
    );
  // Tables of an older version: only their owner may migrate them, and an owner may write every row.
  const owned = tables.map((table) => `ALTER TABLE sequence_failover.${table} OWNER TO ${role};`);
  return `As a superuser run: ALTER SCHEMA sequence_failover OWNER TO ${role}; ${owned.join(' ')}`;
}
