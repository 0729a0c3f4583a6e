import { expect, it } from 'vitest';
import { isSamePerson } from '../../../src/contract/parsing/text.js';

it.each([
  ['alice', 'Alice'],
  ['José', 'Jose\u0301'],
  ['alice', '\u200balice'],
  ['alice', 'ali\u00adce\u2060'],
  ['alice', 'ａｌｉｃｅ'],
  ['alice smith', 'alice\u00a0 smith '],
  ['STRASSE', 'straße'],
])('%s and %j are one person', (one, other) => {
  expect(isSamePerson(one, other)).toBe(true);
});

it.each([
  ['alice', 'alicia'],
  ['alice', 'a lice'],
  ['jose', 'José'],
])('%s and %s are two', (one, other) => {
  expect(isSamePerson(one, other)).toBe(false);
});
