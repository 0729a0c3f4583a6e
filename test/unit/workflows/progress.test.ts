import { expect, it } from 'vitest';
import { Progress } from '../../../workflows/failover/progress.js';

/** How many tries the counts of what is left are worth. */
function tries(...left: number[]): number {
  const progress = new Progress();
  const at = left.findIndex((behind) => !progress.isWorthATry(behind));
  return at < 0 ? left.length : at;
}

it('goes on as long as less and less is behind', () => {
  expect(tries(9, 8, 8, 7, 7, 7, 6, 5, 4, 3, 2, 1)).toBe(12);
});

it('ends after three tries that changed nothing', () => {
  expect(tries(5, 5, 5, 5, 5)).toBe(3);
});

it('takes a count that goes up and down for no progress', () => {
  expect(tries(5, 4, 5, 4, 5, 4, 5, 4)).toBe(4);
});

it('knows whether anything was tried', () => {
  const progress = new Progress();
  expect(progress.hasTried).toBe(false);
  progress.isWorthATry(1);
  expect(progress.hasTried).toBe(true);
});
