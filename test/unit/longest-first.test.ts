import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { LONG_FILES } from '../longest-first.js';

it('the list of long test files names files that are there', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  expect(Object.keys(LONG_FILES).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
});
