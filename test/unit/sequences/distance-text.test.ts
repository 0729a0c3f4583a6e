import { expect, it } from 'vitest';
import { distanceText } from '../../../src/sequences/distance-text.js';

it.each([
  [5n, '5 calls ahead', '5 calls ahead of the primary'],
  [1n, '1 call ahead', '1 call ahead of the primary'],
  [0n, '0 calls ahead', '0 calls ahead of the primary'],
  [-1n, '1 call behind', '1 call behind the primary'],
  [-9223372036854775808n, '9223372036854775808 calls behind', '9223372036854775808 calls behind the primary'],
])('says where a sequence with the headroom %s stands', (headroom, alone, ofPrimary) => {
  expect(distanceText(headroom)).toBe(alone);
  expect(distanceText(headroom, 'the primary')).toBe(ofPrimary);
});
