import { expect, it } from 'vitest';
import { printable } from '../../../src/contract/printable.js';

it('shows what a terminal would obey', () => {
  expect(printable('public."a\u001b[2Jb\nc\u202Ed\u2028e"')).toBe(
    'public."a\\u{1b}[2Jb\\nc\\u{202e}d\\u{2028}e"',
  );
});

it('leaves everything else as it is', () => {
  expect(printable('schéma."名前 😀"')).toBe('schéma."名前 😀"');
});
