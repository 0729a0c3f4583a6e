import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellQuoted } from '../../../src/contract/shell.js';

const bash = (words: readonly string[]) =>
  execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${words.map(shellQuoted).join(' ')}`], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] },
  })
    .split('\0')
    .slice(0, -1);

it('writes what a terminal would obey with escapes', () => {
  expect(shellQuoted('public."a\nb\u202E\\\'"')).toBe(`$'public."a\\nb\\u202e\\\\\\'"'`);
});

it('is read by bash as the same word, whatever it holds', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
  const words = fc.sample(word, { numRuns: 300, seed: 1 });
  expect(bash(words)).toEqual(words);
});
