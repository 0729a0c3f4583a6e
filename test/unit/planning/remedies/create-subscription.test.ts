import { expect, it } from 'vitest';
import { recreateSubscription } from '../../../../src/planning/remedies/create-subscription.js';

const publisher = { host: '10.0.0.2', port: 5432, database: 'orders' };
const again = (name: string, slot: string | null) =>
  /CREATE SUBSCRIPTION .* PUBLICATION (.*?;)/u.exec(
    recreateSubscription({ name, slot, publications: ['p'] }, publisher, slot === null),
  )?.[1];

// Two databases of a server may both have a subscription of this name, but not a slot.
it('keeps the name of the slot where it is not that of the subscription', () => {
  expect(again('way_back', 'way_back_16385')).toBe("p WITH (slot_name = 'way_back_16385');");
  expect(again('way_back', 'way_back')).toBe('p;');
  expect(again('way_back', null)).toBe('p;');
});
