import { textTable } from '../terminal/text-table.js';
import { query } from './query.js';
import { readLastIds } from './rows.js';
import type { Scene } from './scene.js';
import { newCourier } from './shop.js';

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
