import type { Endpoint } from '../postgres/endpoint.js';
import { classify } from '../postgres/failures/classify.js';
import { migrations } from './migrations.js';
import { ledgerVersion, LedgerTooNewError } from './schema-version.js';
import { grantsRemedy, mayWriteRows, whyUnavailable } from './unavailable.js';

/** Whether a run could write the ledger now. */
export type LedgerState =
  /** `version` is null if the first run will create the ledger, and lower than the worker's if the next run will migrate it. */
  | { usable: true; version: number | null; latest: number }
  /** `cause` is the reason of the server or the connection alone; absent if the ledger could be looked at. */
  | { usable: false; reason: string; cause?: string };

/**
 * Finds out whether the role of the endpoint could write the ledger, without writing anything.
 *
 * @throws the error of the server or the connection, if a retry can help
 */
export async function inspectLedger(endpoint: Endpoint): Promise<LedgerState> {
  try {
    return await inspect(endpoint);
  } catch (error) {
    return { usable: false, reason: await whyUnavailable(endpoint, error), cause: classify(error).reason };
  }
}

async function inspect(endpoint: Endpoint): Promise<LedgerState> {
  const latest = migrations.at(-1)?.version ?? 0;
  const { facts, found } = await endpoint.transaction(
    { access: 'read only', expected: null, locks: 40 },
    async (query) => {
      const [row] = await query<Facts>(factsSql);
      return { facts: row, found: row?.readable === true ? await ledgerVersion(query) : null };
    },
  );
  const {
    inRecovery = false,
    mayCreate = false,
    exists = false,
    owns = false,
    writable = false,
  } = facts ?? {};
  if (found !== null && found.leastWriter > latest) throw new LedgerTooNewError(found.version, latest);
  const { host, port, database } = endpoint.address;
  const place = `The ledger on the ${endpoint.side} at ${host}:${port}/${database}`;
  if (inRecovery)
    return {
      usable: false,
      reason: `${place} cannot be written: the server is in recovery. Set LEDGER_URL to a database that accepts writes.`,
    };
  // A migration needs the owner of the tables. Without a migration, the privileges for writing rows are enough. A newer ledger needs no migration.
  const isMigrated = found !== null && found.version >= latest;
  const allowed = exists ? (isMigrated ? writable : owns) : mayCreate;
  if (!allowed)
    return {
      usable: false,
      reason: `${place} cannot be written: the role lacks a privilege. ${await grantsRemedy(endpoint)}`,
    };
  return { usable: true, version: found?.version ?? null, latest };
}

interface Facts extends Record<string, unknown> {
  inRecovery: boolean;
  /** Whether the role may create the schema, or its tables in the schema. */
  mayCreate: boolean;
  exists: boolean;
  owns: boolean;
  readable: boolean;
  writable: boolean;
}

/** The privileges on the schema and its tables. Functions that take a name would fail if the table does not exist. */
const factsSql = `
SELECT pg_is_in_recovery() AS "inRecovery",
  coalesce(bool_or(n.oid IS NOT NULL AND has_schema_privilege(n.oid, 'CREATE')),
    false) OR (count(n.oid) = 0 AND has_database_privilege(current_database(), 'CREATE')) AS "mayCreate",
  count(c.oid) > 0 AS "exists",
  coalesce(bool_and(pg_has_role(c.relowner, 'USAGE')) FILTER (WHERE c.oid IS NOT NULL), false) AS "owns",
  coalesce(bool_or(c.relname = 'migrations' AND has_schema_privilege(n.oid, 'USAGE')
    AND has_table_privilege(c.oid, 'SELECT')), false) AS "readable",
  coalesce(bool_and(${mayWriteRows})
    FILTER (WHERE c.oid IS NOT NULL AND c.relname <> 'migrations'), false) AS "writable"
FROM (SELECT 1) AS one
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'sequence_failover'
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r'`;
