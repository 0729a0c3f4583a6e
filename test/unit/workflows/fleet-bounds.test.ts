import { describe, expect, it } from 'vitest';
import { parseFleetInput } from '../../../src/contract/fleet.js';
import { inputProblem } from '../../../workflows/fleet/fleet-bounds.js';

const patterns = (count: number) => Array.from({ length: count }, () => 'x'.repeat(290));

function problemOf(input: object, pairs: number): string | null {
  const parsed = parseFleetInput([{ ...input }]);
  if (!parsed.ok) throw new Error(parsed.message);
  return inputProblem(
    parsed.input,
    Array.from({ length: pairs }, (_, index) => ({ pair: `p${index}`, entry: Math.min(index, 1) })),
  );
}

describe('what the runs of a fleet are started with', () => {
  const pairs = ['a', { pair: 'b', databases: '*', input: { exclude: patterns(3) } }];

  it('is as long as it likes for a few of them', () => {
    expect(problemOf({ pairs, include: patterns(450) }, 10)).toBeNull();
    expect(problemOf({ pairs }, 1_000)).toBeNull();
  });

  it('fits in the history of a thousand, or names the field that does not', () => {
    expect(problemOf({ pairs, include: patterns(40) }, 1_000)).toMatch(
      /^include: found 117\d\d bytes of JSON, for each of 999 pairs; expected at most about 10000 bytes for each of 1000 pairs, 10 at once: /u,
    );
    const own = ['a', { pair: 'b', databases: '*', input: { exclude: patterns(40) } }];
    expect(problemOf({ pairs: own }, 1_000)).toMatch(/^pairs\[1\]\.input\.exclude: /u);
  });

  it('fits in the message that starts many at once', () => {
    expect(problemOf({ pairs, include: patterns(450), concurrency: 100 }, 20)).toMatch(
      /^include: .* expected at most about 30000 bytes for each of 20 pairs, 100 at once/u,
    );
  });
});
