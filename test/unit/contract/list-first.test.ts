import { expect, it } from 'vitest';
import { listFirst } from '../../../src/contract/list-first.js';

it.each([
  [[], 2, undefined, ''],
  [['a', 'b'], 2, undefined, 'a, b'],
  [['a', 'b', 'c'], 2, undefined, 'a, b and 1 more'],
  [['a', 'b'], 5, 9, 'a, b and 7 more'],
])('names the first of %j, at most %i, of %s in all', (items, most, total, text) => {
  expect(listFirst(items, most, total)).toBe(text);
});
