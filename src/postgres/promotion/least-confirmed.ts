import type { Identity } from '../../steps/identity.js';
import { textArray } from '../array-literal.js';
import type { Endpoint } from '../endpoint.js';

/** The lowest LSN that any of these slots has confirmed. Null if one of them has confirmed nothing, or if there are no slots. */
export async function readLeastConfirmed(
  primary: Endpoint,
  expected: Identity,
  slots: readonly string[],
): Promise<string | null> {
  const [[row] = []] = await primary.read<{ least: string | null; count: number }>({ expected, locks: 0 }, [
    `WITH slot AS (
       SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots
       WHERE slot_name = ANY (${textArray(slots)}) AND database = current_database()
     )
     SELECT (SELECT lsn::text FROM slot ORDER BY lsn NULLS FIRST LIMIT 1) AS least, (SELECT count(*)::integer FROM slot) AS count`,
  ]);
  return row?.count === slots.length ? row.least : null;
}
