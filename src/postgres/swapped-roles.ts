import type { Endpoint } from './endpoint.js';
import { readSubscriptions } from './read-subscriptions.js';
import type { ExpectedPair } from './same-database.js';

/**
 * The enabled subscriptions by which the side that is called primary seems to receive from the side that is called standby, where
 * nothing flows the other way: then the two are swapped. Empty for a right pair, for one without subscriptions, and where each
 * subscribes to the other.
 *
 * A subscription's connection string needs a superuser to read, so a subscription and a slot belong together by the slot's name
 * and by the database that the slot is in.
 */
export async function primarySubscribesToStandby(
  primary: Endpoint,
  standby: Endpoint,
  expected: ExpectedPair,
): Promise<string[]> {
  const [primarySubscriptions, primarySlots, standbySubscriptions, standbySlots] = await Promise.all([
    readSubscriptions(primary, expected.primary),
    readLogicalSlots(primary, expected.primary),
    readSubscriptions(standby, expected.standby),
    readLogicalSlots(standby, expected.standby),
  ]);
  const flowsForward = standbySubscriptions.some(({ slot }) => slot !== null && primarySlots.has(slot));
  if (flowsForward) return [];
  return primarySubscriptions
    .filter(({ enabled, slot }) => enabled && slot !== null && standbySlots.has(slot))
    .map(({ name }) => name);
}

async function readLogicalSlots(endpoint: Endpoint, expected: ExpectedPair['primary']): Promise<Set<string>> {
  const [rows = []] = await endpoint.read<{ slot: string }>({ expected, locks: 0 }, [
    `SELECT slot_name AS slot FROM pg_replication_slots
     WHERE slot_type = 'logical' AND database = current_database()`,
  ]);
  return new Set(rows.map(({ slot }) => slot));
}
