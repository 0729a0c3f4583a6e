import { describe, expect, it } from 'vitest';
import { rowsBlock } from '../../../../src/planning/sequence/rows-findings.js';
import type { StandbySequence } from '../../../../src/planning/standby-sequence.js';
import { computeTarget } from '../../../../src/sequences/target.js';

const at = (lastValue: bigint) => ({ position: { lastValue, isCalled: true } });

/** The block for a cycling sequence of 1 to 1,000, by the last value of both sides. */
function blockOf(increment: bigint, { primary, standby }: { primary: bigint; standby: bigint }) {
  const definition = { increment, min: 1n, max: 1_000n, cache: 1n, cycle: true };
  const sequence: StandbySequence = {
    ...{ schema: 'public', name: 's', sequence: 'public.s', oid: 2, definition, reading: at(standby) },
    ...{ temporary: false, unlogged: false, extension: null, grantsToSet: null },
    ...{ feeds: [], furthest: null, dataNotChecked: null },
  };
  const target = computeTarget({
    ...{ primary: { ...at(primary), definition }, standby: { ...at(standby), definition } },
    ...{ columns: [], buffer: 100n, primaryMaxConnections: 10n, furthest: primary },
  });
  if (target.outcome !== 'outlier') throw new Error(`not blocked: ${target.outcome}`);
  return rowsBlock(sequence, target, 'failover').remedy;
}

describe('the decision to leave a sequence where it stands', () => {
  it.each([
    { increment: 1n, primary: 100n, standby: 990n },
    { increment: -1n, primary: 900n, standby: 11n },
  ])(
    'does not say that it is behind if it is ahead, whatever its direction: %o',
    ({ increment, ...both }) => {
      const remedy = blockOf(increment, both);
      expect(remedy).toContain('to leave it where it stands');
      expect(remedy).not.toContain('behind');
    },
  );
});
