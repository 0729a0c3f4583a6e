import type { Endpoint } from '../postgres/endpoint.js';
import { classify, ConnectionError, InvalidConnectionError, NoPasswordError } from '../postgres/errors.js';
import { LedgerTooNewError } from './schema-version.js';

/**
 * Why the ledger cannot be written until somebody changes something, and what to change.
 * @throws the error itself where a retry can help, or where it says something else than that
 */
export async function whyUnavailable(endpoint: Endpoint, error: unknown): Promise<string> {
  if (error instanceof LedgerTooNewError) return describe(endpoint, error.message);
  const { retryable, sqlstate, reason, remedy } = classify(error);
  const fromServer =
    sqlstate !== null ||
    error instanceof ConnectionError ||
    error instanceof NoPasswordError ||
    error instanceof InvalidConnectionError;
  if (retryable || !fromServer) throw error;
  return describe(endpoint, `${reason}. ${sqlstate === '42501' ? await grants(endpoint) : remedy}`);
}

function describe({ side, address }: Endpoint, why: string): string {
  const { host, port, database } = address;
  return `The ledger on the ${side} at ${host}:${port}/${database} cannot be written: ${why}`;
}

/** The statements that give the worker's role what it lacks. */
async function grants(endpoint: Endpoint): Promise<string> {
  const [found] = await endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
    query<{ role: string; exists: boolean }>(
      `SELECT quote_ident(current_user) AS role,
         EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = 'sequence_failover' AND c.relname = 'sequences') AS exists`,
    ),
  );
  const { role = '<role>', exists = false } = found ?? {};
  return exists
    ? `As the owner of the schema run: GRANT USAGE ON SCHEMA sequence_failover TO ${role}; ` +
        `GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA sequence_failover TO ${role};`
    : `As a superuser run: CREATE SCHEMA sequence_failover AUTHORIZATION ${role};`;
}
