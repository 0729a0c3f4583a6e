import { expect, it } from 'vitest';
import { restartClause } from '../../../src/sequences/setting.js';

const define = (increment: bigint, min: bigint, max: bigint) => ({
  ...{ increment, min, max, cache: 1n, cycle: false },
});

it.each([
  [1n, 5n, 'MINVALUE 1 RESTART WITH 5'],
  [1n, 10n, 'RESTART WITH 10'],
  [1n, 100n, 'RESTART WITH 100'],
  [-1n, 100n, 'MAXVALUE 200 RESTART WITH 100'],
  [-1n, 90n, 'RESTART WITH 90'],
  [-1n, 5n, 'RESTART WITH 5'],
])(
  'a standby with the increment %s and the bounds 10 and 90 restarts with %s by %s',
  (increment, target, clause) => {
    expect(restartClause(define(increment, 1n, 200n), define(increment, 10n, 90n), target)).toBe(clause);
  },
);
