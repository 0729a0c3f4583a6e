import { expect, it } from 'vitest';
import { plural } from '../../../src/contract/plural.js';

it.each([
  [0, 'pair', undefined, '0 pairs'],
  [1, 'pair', undefined, '1 pair'],
  [2, 'pair', undefined, '2 pairs'],
  [1, 'pair waits', 'pairs wait', '1 pair waits'],
  [2, 'pair waits', 'pairs wait', '2 pairs wait'],
])('%i of "%s" or "%s": %s', (count, one, many, text) => {
  expect(plural(count, one, many)).toBe(text);
});
