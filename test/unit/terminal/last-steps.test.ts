import { expect, it } from 'vitest';
import { keepRecord } from '../../../src/terminal/last-steps.js';

it('writes the record of a pair of a fleet to a file, and not into a folder that does not exist', () => {
  expect(keepRecord('evacuate-eu/orders')).toBe(
    'keep the record: sequence-failover report evacuate-eu/orders --format html > evacuate-eu-orders.html',
  );
});
