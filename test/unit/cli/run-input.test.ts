import { expect, it } from 'vitest';
import { modeOf, toInput } from '../../../src/cli/run-input.js';

it.each([
  [undefined, null],
  ['{"pair": "orders"}', null],
  ['{"mode": "sync"}', 'sync'],
])('the mode of --input %s', (input, mode) => {
  expect(modeOf(input === undefined ? {} : { input })).toBe(mode);
});

it('refuses a mode that does not exist', () => {
  const options = { input: '{"mode": "fail"}' };
  expect(() => toInput(modeOf(options) ?? 'failover', options)).toThrow(/^Invalid input: mode/u);
});
