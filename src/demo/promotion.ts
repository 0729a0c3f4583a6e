import type { Scene } from './scene.js';
import { lastIds, newCourier, visit } from './shop.js';
import { query } from './stage.js';
import { textTable } from '../terminal/text-table.js';

interface LastId {
  readonly table: string;
  readonly id: string;
}

/** Plays the promotion after a handoff: the application stops writing to the primary and writes to the standby. */
export async function showPromotion({ screen, stage: { shop, writer } }: Scene): Promise<void> {
  screen.heading('The promotion: the application moves from the primary to the standby');
  await writer.stop();
  await shop.caughtUp();
  const before = await query<LastId>(shop.primaryUrl, lastIds);
  for (const sql of [visit, newCourier]) await query(shop.standbyUrl, sql);
  const after = new Map((await query<LastId>(shop.standbyUrl, lastIds)).map(({ table, id }) => [table, id]));
  const rows = before.map(({ table, id }) => ({ table, primary: id, standby: after.get(table) ?? '?' }));
  screen.lines(
    textTable<(typeof rows)[number]>(
      [
        { title: ['inserted into'], align: 'left', cell: (row) => row.table },
        { title: ['last id of the primary'], align: 'right', cell: (row) => row.primary },
        { title: ['new id on the standby'], align: 'right', cell: (row) => row.standby },
      ],
      rows,
    ),
  );
  const stuck = rows.filter(({ primary, standby }) => primary === standby).map(({ table }) => table);
  if (stuck.length > 0) throw new Error(`The standby took no row of its own in ${stuck.join(', ')}.`);
  screen.success(`${rows.length} tables written to on the standby, no duplicate key.`);
}
