import type { Query, Row } from '../postgres/endpoint.js';
import { migrations as released } from './migrations.js';
import type { Migration } from './migrations.js';

/** A newer version of this software has changed the ledger, and this version would write wrong rows to it. */
export class LedgerTooNewError extends Error {
  override readonly name = 'LedgerTooNewError';

  constructor(ledger: number, worker: number) {
    super(
      `the ledger's schema sequence_failover has version ${ledger}, and this worker knows only version ${worker}; ` +
        'upgrade the worker',
    );
  }
}

/** Fails if there is no ledger, or the role may not use it. */
export const versionSql =
  'SELECT max(version) AS version, max(least_writer) AS least_writer FROM sequence_failover.migrations';

/**
 * Whether this worker can write to the ledger without a migration.
 *
 * @param rows the result of `versionSql`
 *
 * @throws LedgerTooNewError
 */
export function isUpToDate(rows: Row[]): boolean {
  return fits(toVersion(rows), released.at(-1)?.version ?? 0);
}

/** The version of the ledger's tables, and the lowest version whose workers can still write to them. */
export interface Version {
  version: number;
  leastWriter: number;
}

/**
 * Creates or migrates the ledger's schema, inside the transaction of `query`. If the schema is up to date, the role only
 * needs to read it. Workers that do this at the same time wait for each other.
 *
 * @throws LedgerTooNewError
 */
export async function migrate(query: Query, migrations: readonly Migration[] = released): Promise<void> {
  const known = migrations.at(-1)?.version ?? 0;
  if (fits(await ledgerVersion(query), known)) return;

  await query(`SELECT pg_advisory_xact_lock(hashtext('sequence_failover'), hashtext('migrations'))`);
  // Read the version again, in a new statement: another worker may have migrated while this one waited.
  const current = await ledgerVersion(query);
  if (fits(current, known)) return;

  if (current === null) await createSchema(query);
  for (const migration of migrations) {
    if (migration.version <= (current?.version ?? 0)) continue;
    for (const statement of migration.statements) await query(statement);
    await query(`INSERT INTO sequence_failover.migrations (version, least_writer) VALUES ($1, $2)`, [
      migration.version,
      migration.leastWriter,
    ]);
  }
}

/** From this version on, the ledger has the time at which the primary was read. */
const READINGS_SINCE = 2;

/** From this version on, the ledger has the definitions of the primary's sequences. */
const DEFINITIONS_SINCE = 8;

/** Whether the ledger exists and has readings with their times. */
export async function keepsReadings(query: Query): Promise<boolean> {
  return isSince(query, READINGS_SINCE);
}

/** Whether the ledger exists and has definitions. */
export async function keepsDefinitions(query: Query): Promise<boolean> {
  return isSince(query, DEFINITIONS_SINCE);
}

async function isSince(query: Query, version: number): Promise<boolean> {
  const current = await ledgerVersion(query);
  return current !== null && current.version >= version;
}

function fits(ledger: Version | null, known: number): boolean {
  if (ledger === null || ledger.version < known) return false;
  if (ledger.leastWriter > known) throw new LedgerTooNewError(ledger.version, known);
  return true;
}

/** Null when there is no ledger yet. */
export async function ledgerVersion(query: Query): Promise<Version | null> {
  // Reading the catalogs, unlike to_regclass, needs no privileges on the schema.
  const [table] = await query(
    `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'sequence_failover' AND c.relname = 'migrations'`,
  );
  if (!table) return null;
  return toVersion(await query(versionSql));
}

function toVersion([row]: Row[]): Version | null {
  const { version, least_writer } = (row ?? {}) as Partial<Record<'version' | 'least_writer', number | null>>;
  return version == null ? null : { version, leastWriter: least_writer ?? 0 };
}

/** CREATE SCHEMA IF NOT EXISTS needs the privilege to create a schema even if it exists. */
async function createSchema(query: Query): Promise<void> {
  const [schema] = await query(`SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'sequence_failover'`);
  if (!schema) await query(`CREATE SCHEMA sequence_failover`);
}
