import type { SideReading } from './read-side.js';

/**
 * The enabled subscriptions by which the configured primary seems to receive from the configured standby, if nothing flows the other way:
 * then the two are swapped. Empty for a correct pair, for a pair without subscriptions, and if each side subscribes to the other.
 *
 * Only a superuser can read the connection string of a subscription. So a subscription and a slot are matched by the name of the slot and
 * by the database that the slot is in.
 */
export function subscriptionsOfPrimary(primary: SideReading, standby: SideReading): string[] {
  const flowsForward = standby.subscriptions.some(({ slot }) => slot !== null && primary.slots.has(slot));
  if (flowsForward) return [];
  return primary.subscriptions
    .filter(({ enabled, slot }) => enabled && slot !== null && standby.slots.has(slot))
    .map(({ name }) => name);
}
