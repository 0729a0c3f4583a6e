import { expect, it } from 'vitest';
import { startAgain, withoutStartAgain } from '../../../src/contract/start-again.js';

it.each([
  ['nothing was handed off, ', 'nothing was handed off'],
  ['the sequences that were set stay set; ', 'the sequences that were set stay set'],
])('takes the command that it has added away again: %s', (message, rest) => {
  const whole = `${message}${startAgain('it is time', 'the command')}`;
  expect(whole).toBe(`${message}start a new run when it is time: the command`);
  expect(withoutStartAgain(whole)).toBe(rest);
});

it('leaves other messages as they are', () => {
  expect(withoutStartAgain('the hook vetoed it')).toBe('the hook vetoed it');
});
