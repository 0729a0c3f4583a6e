import { expect, it } from 'vitest';
import { readPgBoolean } from '../../../src/steps/pg-boolean.js';

it.each([
  [true, ['on', 'ON', '1', 't', 'tr', 'tru', 'true', 'True', 'y', 'ye', 'yes']],
  [false, ['of', 'off', 'OFF', '0', 'f', 'fa', 'fal', 'fals', 'false', 'n', 'no']],
  [null, ['', 'o', 'onn', 'truer', '10', ' on', 'nope']],
])('%s is written in these ways: %j', (value, texts) => {
  expect(texts.map(readPgBoolean)).toEqual(texts.map(() => value));
});
