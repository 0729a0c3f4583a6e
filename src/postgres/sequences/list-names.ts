import type { Identity, RawName } from '../../steps/identity.js';
import { CATALOG_LOCKS, type Endpoint, type Row } from '../endpoint.js';
import { isListed } from './listed-sequences.js';
import { compareNames } from './page-ranges.js';

/**
 * The names of all sequences of the database except the system's, in the order of `compareNames`. The ledger's own and temporary sequences
 * are included, since each of them gets an outcome. It locks no sequence, so their number does not matter.
 *
 * @throws the errors of the server and the connection
 */
export async function listSequenceNames(endpoint: Endpoint, expected: Identity): Promise<RawName[]> {
  const [rows = []] = await endpoint.read({ expected, locks: CATALOG_LOCKS }, [namesSql]);
  return toNames(rows);
}

/** In the order of the bytes in the database's encoding, which is usually UTF-8. */
export const namesSql = `
  SELECT n.nspname AS schema, c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${isListed}
  ORDER BY n.nspname, c.relname`;

/** @param rows the rows of `namesSql` */
export function toNames(rows: readonly Row[]): RawName[] {
  const names = rows.map(({ schema, name }): RawName => [schema as string, name as string]);
  return names.sort(compareNames);
}
