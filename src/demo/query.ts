import type pg from 'pg';
import { withClient } from '../local/with-client.js';

/** Runs a query on a new connection. */
export async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(sql)).rows);
}
