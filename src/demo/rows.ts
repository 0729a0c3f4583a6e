import type { Scene } from './scene.js';
import { lastIds, liveCustomers, newCourier } from './shop.js';
import { query } from './query.js';
import { textTable } from '../terminal/text-table.js';

/** By table. */
export type LastIds = ReadonlyMap<string, string>;

export async function readLastIds(url: string): Promise<LastIds> {
  const rows = await query<{ table: string; id: string }>(url, lastIds);
  return new Map(rows.map(({ table, id }) => [table, id]));
}

/** The customers whose visits are in a database. */
export async function readCustomers(url: string): Promise<Set<string>> {
  const rows = await query<{ email: string }>(url, liveCustomers);
  return new Set(rows.map(({ email }) => email));
}

/**
 * Shows the ids that the new primary hands out, and that none was used twice.
 *
 * @throws Error if a table took no row
 */
export async function showIds({ screen, stage: { shop, traffic } }: Scene): Promise<void> {
  await query(shop.standbyUrl, newCourier);
  const after = await readLastIds(shop.standbyUrl);
  const rows = [...traffic.before].map(([table, last]) => ({ table, last, now: after.get(table) ?? '?' }));
  screen.lines(
    textTable<(typeof rows)[number]>(
      [
        { title: ['inserted into'], align: 'left', cell: (row) => row.table },
        { title: ['last id of the old primary'], align: 'right', cell: (row) => row.last },
        { title: ['last id now'], align: 'right', cell: (row) => row.now },
      ],
      rows,
    ),
  );
  const stuck = rows.filter(({ last, now }) => last === now).map(({ table }) => table);
  if (stuck.length > 0) throw new Error(`The standby took no row of its own in ${stuck.join(', ')}.`);
  screen.success(`${rows.length} tables written to on the standby, no duplicate key.`);
}
