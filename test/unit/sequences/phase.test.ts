import { expect, it } from 'vitest';
import { isSamePhase } from '../../../src/sequences/phase.js';

it.each([
  [1n, 1n, 100n, true],
  [1n, 501n, 100n, true],
  [501n, 1n, -100n, true],
  [-199n, 1n, 100n, true],
  [1n, 2n, 100n, false],
  [1n, 99n, -100n, false],
  [1n, 2n, 1n, true],
])('%s and %s share a phase of the increment %s: %s', (one, other, increment, isShared) => {
  expect(isSamePhase(one, other, increment)).toBe(isShared);
});
