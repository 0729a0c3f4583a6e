import { expect, it } from 'vitest';
import { timeText } from '../../../src/sequences/time-text.js';

it.each([
  [0n, 'less than a second'],
  [1n, '1 second'],
  [59n, '59 seconds'],
  [60n, '1 minute'],
  [125n, '2 minutes 5 seconds'],
  [3_600n, '1 hour'],
  [3_605n, '1 hour'],
  [7_500n, '2 hours 5 minutes'],
  [90_061n, '1 day 1 hour'],
  [365n * 86_400n, '365 days'],
  [9223372036854775807n, 'more than a year'],
])('%d seconds are %j, rounded down', (seconds, text) => {
  expect(timeText(seconds)).toBe(text);
});
