import { createColors } from 'picocolors';
import { expect, it } from 'vitest';
import { findingLines } from '../../../src/terminal/findings-lines.js';

const linesOf = (remedy: string) =>
  findingLines(
    { severity: 'block', code: 'NO_EVIDENCE', message: 'nothing is known', remedy },
    { colors: createColors(false), width: 40 },
  ).slice(2);

it.each([
  [
    'make sure that the primary stays down, and wait for the next recheck',
    ['make sure that the primary stays', 'down, and wait for the next recheck'],
  ],
  [
    "find out what sets it back; if it's late, WAL of the slot is gone",
    ['find out what sets it back; if', "it's late, WAL of the slot is gone"],
  ],
])('wraps a remedy that is prose: %s', (remedy, [first, second]) => {
  expect(linesOf(remedy)).toEqual([`  → ${String(first)}`, `    ${String(second)}`]);
});

it.each([
  'on the primary, end what holds it, then: COMMIT;',
  'on the standby: ALTER SEQUENCE public.moved RENAME TO orders_id_seq;',
  'approve it with {"accept": ["PRIMARY_LOST"]} if that is what you want to do',
  'see which it is: sequence-failover status failover-orders of this pair',
  'set STANDBY_URL=postgresql://other and start the worker again after that',
  'as a superuser, set max_locks_per_transaction = 128 in the configuration',
])('leaves a remedy with code on one line, so that it can be copied: %s', (remedy) => {
  expect(linesOf(remedy)).toEqual([`  → ${remedy}`]);
});
