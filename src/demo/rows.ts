import { lastIds, liveCustomers } from './shop.js';
import { query } from './query.js';

/** The furthest id of each table, by the table's name. */
export type LastIds = ReadonlyMap<string, string>;

/** Reads the furthest id of each table of the demo. */
export async function readLastIds(url: string): Promise<LastIds> {
  const rows = await query<{ table: string; id: string }>(url, lastIds);
  return new Map(rows.map(({ table, id }) => [table, id]));
}

/** The customers whose visits are in a database. */
export async function readCustomers(url: string): Promise<Set<string>> {
  const rows = await query<{ email: string }>(url, liveCustomers);
  return new Set(rows.map(({ email }) => email));
}
