import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Outcome } from '../../../../src/contract/status.js';
import { packOutcomes, unpackOutcomes } from '../../../../src/planning/rows/outcomes.js';

const outcome = fc.constantFrom<Outcome>('applied', 'kept', 'skipped', 'failed');

it('gives back the outcome of each oid, whatever their order', () => {
  const rows = fc.uniqueArray(fc.record({ oid: fc.nat(4_294_967_295), outcome }), {
    selector: ({ oid }) => oid,
  });
  fc.assert(
    fc.property(rows, (given) => {
      const expected = new Map(given.map((row) => [row.oid, row.outcome]));
      expect(unpackOutcomes([packOutcomes(given)])).toEqual(expected);
    }),
  );
});

it('lets a later text overrule an earlier one, and knows nothing of a sequence without an oid', () => {
  const first = packOutcomes([{ oid: 7, outcome: 'applied' }, { outcome: 'failed' }]);
  const second = packOutcomes([{ oid: 7, outcome: 'failed' }]);
  expect([...unpackOutcomes([first, second])]).toEqual([[7, 'failed']]);
  expect(unpackOutcomes([''])).toEqual(new Map());
});

it('takes one character for each sequence of a fresh schema, so that a run can carry 100,000', () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => ({
    oid: 16_384 + index * 5,
    outcome: 'applied' as const,
  }));
  expect(packOutcomes(rows).length).toBeLessThan(100_010);
});
