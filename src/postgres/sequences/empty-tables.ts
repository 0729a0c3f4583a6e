import type { Identity } from '../../steps/identity.js';
import { oidArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { LockWaits } from '../failures/lock-waits.js';
import { concernsOne, SHORT_LOCK_TIMEOUT_MS } from '../failures/narrow-down-failures.js';
import { SQLSTATE } from '../failures/sqlstate.js';

const STATEMENT_TIMEOUT_MS = 5_000;

/**
 * Of these heap tables, those that have no page, and so no row. To ask for the size of a table takes a fifth of the time of a look-up in its index, which
 * has to be planned.
 *
 * @returns none if a table is locked, or if it takes long: whoever reads the tables finds out which
 */
export async function findEmptyTables(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
): Promise<Set<number>> {
  if (oids.length === 0) return new Set();
  const { lockWaits = new LockWaits() } = endpoint;
  const lockTimeoutMs = lockWaits.timeout(SHORT_LOCK_TIMEOUT_MS);
  try {
    const [rows = []] = await endpoint.read<{ oid: number }>(
      { expected, locks: CATALOG_LOCKS, lockTimeoutMs, statementTimeoutMs: STATEMENT_TIMEOUT_MS },
      [emptyTablesSql(oids)],
    );
    return new Set(rows.map(({ oid }) => oid));
  } catch (error) {
    const { sqlstate } = classify(error);
    if (!concernsOne(error) && sqlstate !== SQLSTATE.queryCanceled) throw error;
    if (sqlstate === SQLSTATE.lockNotAvailable) lockWaits.spend(lockTimeoutMs);
    return new Set();
  }
}

/** A distributed table of Citus has its rows on other servers. The size of a table that was dropped is null. */
const emptyTablesSql = (oids: readonly number[]) => `
  SELECT oid FROM unnest(${oidArray(oids)}) oid
  WHERE pg_relation_size(oid) = 0 AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')`;
