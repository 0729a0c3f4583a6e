import type { Identity } from '../../steps/identity.js';
import { oidArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint, type Row } from '../endpoint.js';
import { feedKey } from './data-columns.js';
import type { Feed } from './feeds.js';

/**
 * The defaults that are more than nextval, as `pg_get_expr` prints them, by `feedKey`. A column without a default of its own has that of its
 * domain, whose text is in the catalog as it was printed once: without schemas, and with names that may have changed since. `pg_get_expr`
 * with the relation 0 locks no table; it works since defaults name no column.
 *
 * @throws the errors of the server and the connection
 */
export async function readDefaultTexts(
  endpoint: Endpoint,
  expected: Identity,
  feeds: readonly Feed[],
): Promise<Map<string, string>> {
  const tables = feeds.filter(({ plain, via }) => !plain && via === 'default').map(({ oid }) => oid);
  if (tables.length === 0) return new Map();
  const some = oidArray([...new Set(tables)]);
  const [rows = []] = await endpoint.read<{ oid: string; attnum: number; text: string } & Row>(
    { expected, locks: CATALOG_LOCKS },
    [
      `SELECT adrelid::int8 AS oid, adnum AS attnum, pg_get_expr(adbin, 0) AS text
       FROM pg_attrdef WHERE adrelid = ANY (${some})
       UNION ALL
       SELECT a.attrelid::int8, a.attnum, pg_get_expr(t.typdefaultbin, 0)
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid AND t.typtype = 'd'
       WHERE a.attrelid = ANY (${some}) AND NOT a.atthasdef AND t.typdefaultbin IS NOT NULL`,
    ],
  );
  return new Map(rows.map(({ oid, attnum, text }) => [feedKey({ oid: Number(oid), attnum }), text]));
}
