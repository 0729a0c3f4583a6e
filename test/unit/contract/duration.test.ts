import { expect, it } from 'vitest';
import { durationMs } from '../../../src/contract/parsing/duration.js';

it.each<[string, number | null]>([
  ['90 seconds', 90_000],
  ['24 hours', 86_400_000],
  ['24h', 86_400_000],
  ['1.5 minutes', 90_000],
  ['2 WEEKS', 1_209_600_000],
  ['1 year', 31_557_600_000],
  ['0.1 ms', 1],
  ['90', null],
  ['', null],
  ['0 s', null],
  ['-5 minutes', null],
  ['1 month', null],
  ['1 h 30 m', null],
  [' 1 h', null],
  ['1 h\n', null],
  ['Infinity s', null],
  ['1e3 s', null],
  ['seconds', null],
  [`${'1'.repeat(200)} s`, null],
])('%j is %s milliseconds', (text, expected) => {
  expect(durationMs(text)).toBe(expected);
});
