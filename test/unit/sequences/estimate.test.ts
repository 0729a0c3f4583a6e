import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateNext, type EvidenceInput, presumedCalls } from '../../../src/sequences/estimate.js';
import { atOrBeyond, callsUntil } from '../../../src/sequences/sequence.js';

const nothing: EvidenceInput = {
  increment: 1n,
  bound: 1_000_000n,
  reading: null,
  rate: null,
  now: 10_000,
  safetyFactor: 2,
  shownByStandby: null,
  member: 1n,
  furthest: null,
  mostCallsToRow: null,
  buffer: 100n,
};

const cases: [string, Partial<EvidenceInput>, ReturnType<typeof estimateNext>][] = [
  ['nothing', {}, null],
  [
    'a reading alone',
    { reading: { next: 500n, at: 0 } },
    { next: 500n, evidence: 'ledger', presumed: 0n, isCut: false },
  ],
  [
    'a reading and a rate: rate × age × factor, rounded up',
    { reading: { next: 500n, at: 0 }, rate: { calls: 3n, elapsedMs: 1_000n }, safetyFactor: 1.15 },
    { next: 535n, evidence: 'ledger', presumed: 35n, isCut: false },
  ],
  [
    'a reading of the future, by a clock that is late',
    { reading: { next: 500n, at: 20_000 }, rate: { calls: 3n, elapsedMs: 1_000n } },
    { next: 500n, evidence: 'ledger', presumed: 0n, isCut: false },
  ],
  [
    'a rate that would use the sequence up: half of what is left',
    { reading: { next: 500_001n, at: 0 }, rate: { calls: 10n ** 9n, elapsedMs: 1n } },
    { next: 750_001n, evidence: 'ledger', presumed: 250_000n, isCut: true },
  ],
  ['rows alone', { furthest: 700n }, { next: 701n, evidence: 'rows', presumed: 0n, isCut: false }],
  [
    'a row at the reading says no more than it',
    { furthest: 499n, reading: { next: 500n, at: 0 } },
    { next: 500n, evidence: 'ledger', presumed: 0n, isCut: false },
  ],
  [
    'a row further on than the reading and its rate',
    {
      furthest: 600n,
      reading: { next: 500n, at: 0 },
      rate: { calls: 1n, elapsedMs: 1_000n },
      mostCallsToRow: 1_000n,
    },
    { next: 601n, evidence: 'rows', presumed: 0n, isCut: false },
  ],
  [
    'a row that a measured consumption does not explain is left to whoever judges rows',
    {
      furthest: 90_000n,
      reading: { next: 500n, at: 0 },
      rate: { calls: 0n, elapsedMs: 1_000n },
      mostCallsToRow: 1_000n,
    },
    { next: 500n, evidence: 'ledger', presumed: 0n, isCut: false },
  ],
  [
    'a row that leaves no room for the buffer, such as a sentinel, too',
    { furthest: 999_999n, shownByStandby: 40n },
    { next: 40n, evidence: 'standby', presumed: 0n, isCut: false },
  ],
  [
    'where the standby stands, beyond all else',
    { furthest: 700n, reading: { next: 500n, at: 0 }, shownByStandby: 900n },
    { next: 900n, evidence: 'standby', presumed: 0n, isCut: false },
  ],
  [
    'a descending one',
    {
      increment: -1n,
      bound: -1_000_000n,
      furthest: -700n,
      reading: { next: -500n, at: 0 },
      shownByStandby: -600n,
    },
    { next: -701n, evidence: 'rows', presumed: 0n, isCut: false },
  ],
  [
    'an increment keeps the phase of the reading, past a row of another',
    { increment: 10n, reading: { next: 3n, at: 0 }, furthest: 55n },
    { next: 63n, evidence: 'rows', presumed: 0n, isCut: false },
  ],
  [
    'and without a reading that of the sequence',
    { increment: -10n, bound: -1_000_000n, member: -4n, furthest: -55n },
    { next: -64n, evidence: 'rows', presumed: 0n, isCut: false },
  ],
];

it.each(cases)('takes from %s', (_, input, expected) => {
  expect(estimateNext({ ...nothing, ...input })).toEqual(expected);
});

describe('whatever the evidence', () => {
  const value = fc.bigInt(-100_000n, 100_000n);
  const input = fc
    .record({
      increment: fc.bigInt(-50n, 50n).filter((step) => step !== 0n),
      reading: fc.option(fc.record({ next: value, at: fc.integer({ min: 0, max: 20_000 }) }), { nil: null }),
      rate: fc.option(fc.record({ calls: fc.bigInt(0n, 1_000n), elapsedMs: fc.bigInt(1n, 100_000n) }), {
        nil: null,
      }),
      safetyFactor: fc.integer({ min: 100, max: 500 }).map((hundredths) => hundredths / 100),
      shownByStandby: fc.option(value, { nil: null }),
      member: value,
      furthest: fc.option(value, { nil: null }),
      mostCallsToRow: fc.option(fc.bigInt(0n, 10_000n), { nil: null }),
      buffer: fc.bigInt(0n, 1_000n),
    })
    .map((one): EvidenceInput => ({
      ...nothing,
      ...one,
      bound: one.increment > 0n ? 10n ** 9n : -(10n ** 9n),
    }));

  it('is at or beyond the reading, what was presumed since, and where the standby stands', () => {
    fc.assert(
      fc.property(input, (evidence) => {
        const { increment, reading, shownByStandby, rate, now, safetyFactor } = evidence;
        const estimate = estimateNext(evidence);
        if (reading === null && shownByStandby === null) return;
        if (shownByStandby !== null)
          expect(atOrBeyond(estimate?.next ?? 0n, shownByStandby, increment)).toBe(true);
        if (reading === null) return;
        const calls = rate === null ? 0n : presumedCalls(rate, BigInt(now - reading.at), safetyFactor);
        const most = callsUntil(evidence.bound, reading.next, increment) / 2n;
        const presumed = calls < most ? calls : most;
        expect(atOrBeyond(estimate?.next ?? 0n, reading.next + presumed * increment, increment)).toBe(true);
      }),
    );
  });

  it('is beyond every row that counts, in the phase of the reading', () => {
    fc.assert(
      fc.property(input, (evidence) => {
        const { increment, reading, furthest, member } = evidence;
        const estimate = estimateNext({ ...evidence, mostCallsToRow: null });
        if (furthest === null) return;
        const next = estimate?.next ?? furthest;
        expect(next !== furthest && atOrBeyond(next, furthest, increment)).toBe(true);
        if (estimate?.evidence === 'rows') expect((next - (reading?.next ?? member)) % increment).toBe(0n);
      }),
    );
  });

  it('never shrinks as time goes by, and is the same for the same evidence', () => {
    fc.assert(
      fc.property(input, fc.integer({ min: 0, max: 1_000_000 }), (evidence, later) => {
        const { increment, now } = evidence;
        const [before, after] = [now, now + later].map((at) =>
          estimateNext({ ...evidence, now: at, mostCallsToRow: null }),
        );
        if (before == null || after == null) expect(after).toEqual(before);
        else expect(atOrBeyond(after.next, before.next, increment)).toBe(true);
      }),
    );
  });
});

it('refuses a factor that is no number', () => {
  expect(() => presumedCalls({ calls: 1n, elapsedMs: 1n }, 1n, Number.NaN)).toThrow(RangeError);
});
