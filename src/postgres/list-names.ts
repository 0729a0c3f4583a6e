import type { Identity, RawName } from '../contract/steps.js';
import type { Endpoint } from './endpoint.js';
import { catalogLocks, isListed, nameOrder } from './listed-sequences.js';

/**
 * Every sequence of the database but the system's, in the order of `compareNames`. The
 * ledger's own and temporary ones are among them: whoever decides what becomes of a sequence says so of them too.
 *
 * Locks no sequence, so that their number does not matter.
 *
 * @throws what the server or the connection raises
 */
export async function listSequenceNames(endpoint: Endpoint, expected: Identity): Promise<RawName[]> {
  const [rows = []] = await endpoint.read<{ schema: string; name: string }>(
    { expected, locks: catalogLocks },
    [
      `SELECT n.nspname AS schema, c.relname AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE ${isListed}
       ORDER BY ${nameOrder}`,
    ],
  );
  return rows.map(({ schema, name }): RawName => [schema, name]);
}
