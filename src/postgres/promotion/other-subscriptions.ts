import type { Identity } from '../../steps/identity.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';

/** An enabled subscription, and the slot of its publisher. */
export interface OtherSubscription extends Row {
  /** As the server quotes it. */
  name: string;
  slot: string;
}

/** The enabled subscriptions of the connected database that receive by other slots than the given ones. */
export async function readOtherSubscriptions(
  standby: Endpoint,
  expected: Identity,
  slots: readonly string[],
): Promise<OtherSubscription[]> {
  const [rows = []] = await standby.read<OtherSubscription>({ expected, locks: 0 }, [
    `SELECT quote_ident(subname) AS name, subslotname::text AS slot FROM pg_subscription
     WHERE subenabled AND subdbid = ${OID_OF_DATABASE}
       AND subslotname IS NOT NULL AND NOT subslotname = ANY (${textArray(slots)}) ORDER BY 1`,
  ]);
  return rows;
}

/** Those of the given slots that belong to the connected database. */
export async function readSlotsOf(
  primary: Endpoint,
  expected: Identity,
  slots: readonly string[],
): Promise<string[]> {
  if (slots.length === 0) return [];
  const [rows = []] = await primary.read<{ slot: string }>({ expected, locks: 0 }, [
    `SELECT slot_name::text AS slot FROM pg_replication_slots
     WHERE database = current_database() AND slot_name = ANY (${textArray(slots)})`,
  ]);
  return rows.map(({ slot }) => slot);
}
