import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageLimits } from '../../../activities/page-limits.js';
import type { PageRange, RawName } from '../../../src/steps/identity.js';
import { compareNames, mergeNames, pageRanges } from '../../../src/postgres/sequences/page-ranges.js';

const rawName = fc.tuple(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
);
const names = fc
  .uniqueArray(rawName, { selector: (name) => JSON.stringify(name), maxLength: 40 })
  .map((array): RawName[] => array.sort(compareNames));

function holds({ after, upTo }: PageRange, name: RawName): boolean {
  return (
    (after === null || compareNames(name, after) > 0) && (upTo === null || compareNames(name, upTo) <= 0)
  );
}

describe('page ranges', () => {
  it('hold every name, known or not, in exactly one of them, and about as many of the known each', () => {
    fc.assert(
      fc.property(names, names, rawName, fc.integer({ min: 1, max: 7 }), (primary, standby, later, size) => {
        const ranges = pageRanges(mergeNames(primary, standby), {
          onePage: size,
          sequences: size,
          bytes: 1_000 * size,
        });
        for (const name of [...primary, ...standby, later]) {
          expect(ranges.filter((range) => holds(range, name))).toHaveLength(1);
        }
        const known = new Map([...primary, ...standby].map((name) => [JSON.stringify(name), name]));
        const sizes = ranges.map((range) => [...known.values()].filter((name) => holds(range, name)).length);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(size);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(ranges).toHaveLength(Math.max(1, Math.ceil(known.size / size)));
      }),
    );
  });

  it('are one open range without any sequence', () => {
    expect(pageRanges([], pageLimits)).toEqual([{ after: null, upTo: null }]);
  });

  it('count a name that both sides have once', () => {
    const both: RawName[] = [
      ['public', 'a'],
      ['public', 'b'],
    ];
    expect(pageRanges(mergeNames(both, both), { onePage: 2, sequences: 2, bytes: 1_000 })).toEqual([
      { after: null, upTo: null },
    ]);
  });

  it('are more than one only above 2,000 sequences, and smaller where names are long', () => {
    const named = (count: number, name: (index: string) => string) =>
      Array.from({ length: count }, (_, index): RawName => ['public', name(String(index).padStart(5, '0'))]);
    const pages = (count: number, name: (index: string) => string) =>
      pageRanges(named(count, name), pageLimits).length;
    const short = (index: string) => `s_${index}`;
    expect([1, 2_000, 2_001, 10_000, 10_001].map((count) => pages(count, short))).toEqual([1, 1, 2, 2, 3]);
    expect(pages(8_000, (index) => `s_${index}_${'x'.repeat(55)}`)).toBe(3);
    expect(pages(8_000, (index) => `S_${index}_${'x'.repeat(55)}`)).toBe(5);
    expect(pages(8_000, (index) => `s_${index}_${'"'.repeat(55)}`)).toBe(11);
  });
});
