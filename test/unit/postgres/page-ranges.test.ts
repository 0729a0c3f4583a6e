import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PageRange, RawName } from '../../../src/contract/steps.js';
import { compareNames, pageRanges } from '../../../src/postgres/page-ranges.js';

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
  it('hold every name, known or not, in exactly one of them, and no more than a page of the known', () => {
    fc.assert(
      fc.property(names, names, rawName, fc.integer({ min: 1, max: 7 }), (primary, standby, later, size) => {
        const ranges = pageRanges(primary, standby, size);
        for (const name of [...primary, ...standby, later]) {
          expect(ranges.filter((range) => holds(range, name))).toHaveLength(1);
        }
        const known = new Map([...primary, ...standby].map((name) => [JSON.stringify(name), name]));
        const sizes = ranges.map((range) => [...known.values()].filter((name) => holds(range, name)).length);
        expect(sizes.slice(0, -1).every((count) => count === size)).toBe(true);
        expect(sizes.at(-1)).toBeLessThanOrEqual(size);
        expect(ranges).toHaveLength(Math.max(1, Math.ceil(known.size / size)));
      }),
    );
  });

  it('are one open range without any sequence', () => {
    expect(pageRanges([], [], 2000)).toEqual([{ after: null, upTo: null }]);
  });

  it('count a name that both sides have once', () => {
    const both: RawName[] = [
      ['public', 'a'],
      ['public', 'b'],
    ];
    expect(pageRanges(both, both, 2)).toEqual([{ after: null, upTo: null }]);
  });
});
