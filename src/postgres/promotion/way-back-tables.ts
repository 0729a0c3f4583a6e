import { LEDGER_SCHEMA } from '../../contract/names.js';
import { partsOfName, requoted } from '../../sequences/identifier.js';
import type { Identity } from '../../steps/identity.js';
import { withoutIdentity } from '../../steps/identity-index.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

/** A table that the standby receives. */
export interface WayBackTable extends Row {
  /** As `schema.table`, quoted where needed. */
  name: string;
  partitioned: boolean;
  /** The owner, if the worker's role may not act for it; otherwise null. */
  foreignOwner: string | null;
}

/**
 * The tables that the standby's subscriptions write to, which the way back publishes. The ledger's tables are left out, since the other side
 * may not have them.
 */
export async function readWayBackTables(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly string[],
): Promise<WayBackTable[]> {
  const [rows = []] = await standby.read<WayBackTable>({ expected, locks: 0 }, [
    `SELECT DISTINCT format('%I.%I', nspname, relname) AS name, relkind = 'p' AS partitioned,
            CASE WHEN NOT pg_has_role(current_user, relowner, 'USAGE') THEN quote_ident(pg_get_userbyid(relowner)) END AS "foreignOwner"
     FROM pg_subscription_rel JOIN pg_class ON pg_class.oid = srrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind IN ('r', 'p') AND nspname <> '${LEDGER_SCHEMA}' AND srsubid IN (
       SELECT subid FROM pg_stat_subscription WHERE subname = ANY (${textArray(subscriptions)}))
     ORDER BY 1`,
  ]);
  // The primary looks them up by these names, and each server quotes by its own version and settings.
  return rows.map((table) => ({ ...table, name: requoted(table.name) }));
}

/** The tables whose updates and deletes could not be published for the way back, by their quoted names. */
export async function readUnidentified(
  standby: Endpoint,
  expected: Identity,
  subscriptions: readonly string[],
): Promise<string[]> {
  const received = `pg_subscription_rel JOIN pg_class c ON c.oid = srrelid
    WHERE c.relkind IN ('r', 'p') AND srsubid IN (SELECT subid FROM pg_stat_subscription WHERE subname = ANY (${textArray(subscriptions)}))`;
  const [rows = []] = await standby.read<{ name: string }>({ expected, locks: 0 }, [
    `SELECT format('%I.%I', nspname, relname) AS name
     FROM ${withoutIdentity(received, ' JOIN pg_namespace n ON n.oid = c.relnamespace')} AND nspname <> '${LEDGER_SCHEMA}'
     ORDER BY 1`,
  ]);
  return rows.map(({ name }) => requoted(name));
}

/** Which of these tables, by their quoted names, have an owner on the primary for which the worker's role may not act, by owner. */
export async function readForeignOwners(
  primary: Endpoint,
  expected: Identity,
  tables: readonly string[],
): Promise<string[]> {
  if (tables.length === 0) return [];
  const names = tables.map((table) => partsOfName(table));
  const [schemas, relations] = [0, 1].map((at) => textArray(names.map((parts) => parts[at] ?? '')));
  const [rows = []] = await primary.read<{ owner: string }>({ expected, locks: 0 }, [
    `SELECT DISTINCT quote_ident(pg_get_userbyid(relowner)) AS owner
     FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE (nspname, relname) IN (SELECT * FROM unnest(${schemas ?? ''}, ${relations ?? ''})) AND NOT pg_has_role(current_user, relowner, 'USAGE')
     ORDER BY 1`,
  ]);
  return rows.map(({ owner }) => owner);
}
