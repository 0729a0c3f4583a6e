import type { Endpoint } from '../postgres/endpoint.js';
import { newestColumn } from './migrations.js';
import { setAsideRemedy } from './not-stored.js';

/**
 * The remedy if the ledger's tables do not work for an unknown reason. As long as they have to be created or migrated, an event trigger may be what
 * refuses that.
 */
export async function unknownProblemRemedy(endpoint: Endpoint): Promise<string> {
  const triggers = await endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
    query<{ name: string; how: string }>(
      `SELECT quote_ident(evtname) AS name, CASE evtenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END AS how
         FROM pg_event_trigger
         WHERE evtenabled IN ('O', 'A') AND evtevent LIKE 'ddl_command_%' AND NOT EXISTS (
           SELECT FROM pg_attribute WHERE attrelid = to_regclass('sequence_failover.' || $1) AND attname = $2 AND NOT attisdropped)
         ORDER BY 1`,
      [newestColumn.table, newestColumn.column],
    ),
  );
  if (triggers.length === 0) return setAsideRemedy;
  const each = (change: (one: { name: string; how: string }) => string) =>
    triggers.map((one) => `ALTER EVENT TRIGGER ${one.name} ${change(one)};`).join(' ');
  return (
    `The worker creates the tables of the schema sequence_failover, which an event trigger may refuse. As a superuser run: ${each(() => 'DISABLE')} ` +
    `and, once a run has created them: ${each(({ how }) => how)}`
  );
}
