import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatternList } from '../../../src/sequences/pattern-list.js';

/** The same by definition, one pattern and one character after the other. */
function matchesByDefinition(pattern: readonly string[], name: readonly string[]): boolean {
  const [token, ...tokens] = pattern;
  const [character, ...characters] = name;
  if (token === undefined) return character === undefined;
  if (token === '*')
    return (
      matchesByDefinition(tokens, name) ||
      (character !== undefined && matchesByDefinition(pattern, characters))
    );
  if (character === undefined) return false;
  const fits = token === '?' || character === token.replace(/^\\/u, '');
  return fits && matchesByDefinition(tokens, characters);
}

describe('a list of patterns', () => {
  it('finds what each pattern matches by itself, whatever was matched before', () => {
    const pattern = fc.array(fc.constantFrom('*', '?', 'a', 'b', '.', '\\*', '\\a', '😀'), { maxLength: 6 });
    const name = fc.array(fc.constantFrom('a', 'b', '.', '*', '😀'), { maxLength: 7 });
    fc.assert(
      fc.property(
        fc.array(pattern, { maxLength: 40 }),
        fc.array(name, { maxLength: 8 }),
        (patterns, names) => {
          const list = new PatternList(patterns.map((tokens) => tokens.join('')));
          for (const characters of names) {
            const expected = [...patterns.keys()].filter((index) =>
              matchesByDefinition(patterns[index] ?? [], characters),
            );
            expect(list.matching(characters.join(''))).toEqual(expected);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('tells which match, in the order of the list, duplicates each', () => {
    const list = new PatternList(['a.*', 'a.b', '*', 'a.c', 'a.b', '?.b']);
    expect(list.matching('a.b')).toEqual([0, 1, 2, 4, 5]);
    expect(list.matching('a.c')).toEqual([0, 2, 3]);
    expect(list.matching('x')).toEqual([2]);
    expect(new PatternList([]).matching('x')).toEqual([]);
  });

  it('takes names of objects’ own members as names', () => {
    const list = new PatternList(['__proto__', 'public.constructor', 'toString']);
    expect(list.matching('__proto__')).toEqual([0]);
    expect(list.matching('public.constructor')).toEqual([1]);
    expect(list.matching('hasOwnProperty')).toEqual([]);
  });

  it('reads no character for patterns without a wildcard, however many they are', () => {
    const list = new PatternList(Array.from({ length: 500 }, (_, index) => `public.table_${index}_id_seq`));
    for (let index = 0; index < 1_000; index += 1) {
      expect(list.matching(`public.table_${index}_id_seq`)).toEqual(index < 500 ? [index] : []);
    }
    expect(list.charactersRead).toBe(0);
  });

  it('reads each character once, however many wildcards there are, and none of the common beginning', () => {
    const hostile = ['*a'.repeat(149) + '*b', '?'.repeat(100) + '*a*'.repeat(60), '*a?'.repeat(99)];
    const list = new PatternList(Array.from({ length: 500 }, (_, index) => hostile[index % 3] ?? ''));
    const common = 'a'.repeat(122);
    for (let index = 0; index < 1_000; index += 1) list.matching(common + String(index).padStart(5, '0'));
    // The beginning, and of each number what differs from the one before it.
    expect(list.charactersRead).toBe(122 + 5 + 999 + 99 + 9);
  });

  it('has room for any alphabet', () => {
    const letters = Array.from({ length: 2_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
    const list = new PatternList(letters.map((letter) => `*${letter}*`));
    for (const [index, letter] of letters.entries()) expect(list.matching(`a.${letter}`)).toEqual([index]);
  });
});
