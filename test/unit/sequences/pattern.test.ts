import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternProblem } from '../../../src/sequences/pattern.js';
import { PatternList } from '../../../src/sequences/pattern-list.js';

function matches(pattern: string, name: string): boolean {
  return new PatternList([pattern]).matching(name).length === 1;
}

describe('a pattern', () => {
  it.each([
    ['public.*', 'public.orders_id_seq', true],
    ['public.*', 'public.', true],
    ['public.*', 'publicx.orders', false],
    ['public*', 'publicx.orders', true],
    ['*', 'a.b', true],
    ['*', '', true],
    ['*orders*', 'sales.orders_id_seq', true],
    ['*.orders', 'sales.eu.orders', true],
    ['*.orders', 'sales.orders2', false],
    ['*_seq', 'public.a_seq_b_seq', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['public.?', 'public.a', true],
    ['public.?', 'public.ab', false],
    ['public.?', 'public.', false],
    ['public.?', 'public.😀', true],
    ['public.??', 'public.😀', false],
    ['public.ü', 'public.ü', true],
    ['public.ü', 'public.u\u0308', false],
    ['Public.*', 'public.a', false],
    ['public.*', 'public.line\nbreak', true],
    ['public.a\\*b', 'public.a*b', true],
    ['public.a\\*b', 'public.axb', false],
    ['public.a\\?', 'public.a?', true],
    ['public.a\\?', 'public.ab', false],
    ['public.a\\\\b', 'public.a\\b', true],
    ['public.a\\\\*', 'public.a\\anything', true],
    ['\\p\\u\\b.x', 'pub.x', true],
    ['public.[ab]+(c|d)^$', 'public.[ab]+(c|d)^$', true],
    ['public.[ab]', 'public.a', false],
    ['public.a%_', 'public.a%_', true],
    ['public.a', 'xpublic.a', false],
    ['public.a', 'public.ax', false],
    ['', '', true],
    ['', 'a.b', false],
    ['**a**', 'bab', true],
    ['?*', '', false],
  ])('%j, held against %j: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  it.each(['\\', 'a\\', 'a\\\\\\', '*\\'])('%j ends with a lone backslash and is refused', (pattern) => {
    expect(patternProblem(pattern)).toBe(
      'ends with a lone backslash, which escapes nothing: write \\\\ for a backslash itself',
    );
    expect(() => new PatternList([pattern])).toThrow(RangeError);
  });

  it.each(['', 'a', 'a\\\\', '\\*', 'a\\\\\\\\'])('%j is fine', (pattern) => {
    expect(patternProblem(pattern)).toBeNull();
  });

  it('matches what the same regular expression matches', () => {
    const pattern = fc.array(fc.constantFrom('*', '?', 'a', 'b', '.', '\\*', '\\?', '\\\\', '\\a', '😀'), {
      maxLength: 10,
    });
    const name = fc.array(fc.constantFrom('a', 'b', '.', '*', '?', '\\', '😀', '\n'), { maxLength: 12 });
    const source = (token: string) => {
      if (token === '*') return '.*';
      if (token === '?') return '.';
      return `\\u{${(token.codePointAt(token.startsWith('\\') ? 1 : 0) ?? 0).toString(16)}}`;
    };
    fc.assert(
      fc.property(pattern, name, (tokens, characters) => {
        const expected = new RegExp(`^${tokens.map(source).join('')}$`, 'su').test(characters.join(''));
        expect(matches(tokens.join(''), characters.join(''))).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('matches any text once every character is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const escaped = Array.from(name, (character) => `\\${character}`).join('');
        expect(matches(escaped, name)).toBe(true);
        expect(matches(escaped, `${name}x`)).toBe(false);
      }),
    );
  });
});
