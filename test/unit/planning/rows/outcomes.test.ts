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

it('reads what an earlier version packed, and packs the same', () => {
  const rows: { oid: number; outcome: Outcome }[] = [{ oid: 16_384, outcome: 'applied' }];
  let oid = 16_384;
  for (let number = 33; number < 32 * 33; number += 33) {
    oid += Math.floor(number / 4);
    rows.push({ oid, outcome: (['applied', 'kept', 'skipped', 'failed'] as const)[number % 4] ?? 'failed' });
  }
  // Every digit but the A of the oid 0.
  const packed = 'gggChBiCjDkElFmGnHoIpJqKrLsMtNuOvPwQxRySzT0U1V2W3X4Y5Z6a7b8c9d-e_f';
  expect([...unpackOutcomes([packed])]).toEqual(rows.map(({ oid, outcome }) => [oid, outcome]));
  expect(packOutcomes(rows)).toBe(packed);
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
