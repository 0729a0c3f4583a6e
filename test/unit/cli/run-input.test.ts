import { expect, it } from 'vitest';
import { modeOf, toInput } from '../../../src/cli/run-input.js';

it.each([
  [undefined, null],
  ['{"pair": "orders"}', null],
  ['{"mode": "sync"}', 'sync'],
])('the mode of --input %s', (input, mode) => {
  expect(modeOf(input === undefined ? {} : { input })).toBe(mode);
});

it.each([
  ['low', { preset: 'low' }],
  ['time-critical', { preset: 'time-critical' }],
  ['250', { calls: '250' }],
])('--buffer %s', (buffer, expected) => {
  expect(toInput('failover', { buffer })).toMatchObject({ buffer: expected });
});

it.each(['', '-5', '1e6', 'huge', 'constructor'])(
  'refuses --buffer "%s", with each form that it takes',
  (buffer) => {
    expect(() => toInput('failover', { buffer })).toThrow(
      `--buffer: found "${buffer}"; expected low, medium, high, time-critical, or a number of calls of nextval such as 10000`,
    );
  },
);

it('refuses a mode that does not exist', () => {
  const options = { input: '{"mode": "fail"}' };
  expect(() => toInput(modeOf(options) ?? 'failover', options)).toThrow(/^Invalid input: mode/u);
});
