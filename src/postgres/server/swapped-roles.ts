import type { SideSurvey } from './read-server.js';

/**
 * The enabled subscriptions by which the side that is called primary seems to receive from the side that is called standby, where
 * nothing flows the other way: then the two are swapped. Empty for a right pair, for one without subscriptions, and where each
 * subscribes to the other.
 *
 * A subscription's connection string needs a superuser to read, so a subscription and a slot belong together by the slot's name
 * and by the database that the slot is in.
 */
export function subscriptionsOfPrimary(primary: SideSurvey, standby: SideSurvey): string[] {
  const flowsForward = standby.subscriptions.some(({ slot }) => slot !== null && primary.slots.has(slot));
  if (flowsForward) return [];
  return primary.subscriptions
    .filter(({ enabled, slot }) => enabled && slot !== null && standby.slots.has(slot))
    .map(({ name }) => name);
}
