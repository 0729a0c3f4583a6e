import type { Identity, RawName } from '../../steps/identity.js';
import { catalogLocks, type Endpoint, type Row } from '../endpoint.js';
import { isListed } from './listed-sequences.js';
import { compareNames } from './page-ranges.js';

/**
 * Every sequence of the database but the system's, in the order of `compareNames`. The
 * ledger's own and temporary ones are among them: whoever decides what becomes of a sequence says so of them too.
 *
 * Locks no sequence, so that their number does not matter.
 *
 * @throws what the server or the connection raises
 */
export async function listSequenceNames(endpoint: Endpoint, expected: Identity): Promise<RawName[]> {
  const [rows = []] = await endpoint.read({ expected, locks: catalogLocks }, [namesSql]);
  return toNames(rows);
}

/** In the order of bytes in the database's encoding, which as a rule is UTF-8. */
export const namesSql = `
  SELECT n.nspname AS schema, c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${isListed}
  ORDER BY n.nspname, c.relname`;

/** @param rows what `namesSql` answered */
export function toNames(rows: readonly Row[]): RawName[] {
  const names = rows.map(({ schema, name }): RawName => [schema as string, name as string]);
  return names.sort(compareNames);
}
