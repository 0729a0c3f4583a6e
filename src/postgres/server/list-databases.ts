import { bytesOf } from '../sequences/listed-sequences.js';
import type { Endpoint } from '../endpoint.js';

/**
 * The databases of an endpoint's server that accept connections. Templates, and databases that an interrupted DROP DATABASE left invalid
 * (datconnlimit −2), are left out.
 * https://www.postgresql.org/docs/current/catalog-pg-database.html
 */
export async function listDatabaseNames(endpoint: Endpoint): Promise<string[]> {
  const rows = await endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
    query<{ name: string }>(
      `SELECT datname AS name FROM pg_database
       WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2
       ORDER BY ${bytesOf('datname')}`,
    ),
  );
  return rows.map(({ name }) => name);
}
