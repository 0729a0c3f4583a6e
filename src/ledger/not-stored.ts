import type { Endpoint } from '../postgres/endpoint.js';

/** The server accepted the rows without an error, but did not store them. */
export class NotStoredError extends Error {
  override readonly name = 'NotStoredError';

  constructor(table: 'runs' | 'sequences' | 'promotions') {
    super(
      `The server accepted rows for sequence_failover.${table} but did not store them: a trigger, a rule or a policy discards them`,
    );
  }
}

/** The statements that disable triggers, rules and policies which can discard rows of the ledger's tables. */
export async function notStoredRemedy(endpoint: Endpoint): Promise<string> {
  const rows = await endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
    query<{ statement: string }>(
      `SELECT statement FROM (
         SELECT c.oid, 1, format('ALTER TABLE sequence_failover.%I DISABLE TRIGGER %I;', c.relname, t.tgname)
         FROM tables c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
         UNION ALL
         SELECT c.oid, 2, format('ALTER TABLE sequence_failover.%I DISABLE RULE %I;', c.relname, r.rulename)
         FROM tables c JOIN pg_rewrite r ON r.ev_class = c.oid AND r.ev_enabled <> 'D' AND r.rulename <> '_RETURN'
         UNION ALL
         SELECT c.oid, 3, format('ALTER TABLE sequence_failover.%I DISABLE ROW LEVEL SECURITY;', c.relname)
         FROM tables c WHERE c.relrowsecurity
       ) AS hindrance (oid, kind, statement)
       ORDER BY oid, kind, statement`.replace(
        /\btables c\b/gu,
        `(SELECT c.oid, c.relname, c.relrowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'sequence_failover') c`,
      ),
    ),
  );
  return rows.length === 0
    ? setAsideRemedy
    : `As the owner of the tables run: ${rows.map(({ statement }) => statement).join(' ')}`;
}

/** The remedy if the problem with the tables is not known: a worker that finds no tables creates new ones. */
export const setAsideRemedy =
  'Check the tables of the schema sequence_failover. If nobody needs them, rename the schema, and the worker creates a new ledger: ' +
  'ALTER SCHEMA sequence_failover RENAME TO sequence_failover_old;';
