import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferCalls } from '../../../src/sequences/buffer.js';
import {
  largestBuffers,
  measuredBuffer,
  type MeasuredBuffers,
} from '../../../src/sequences/measured-buffer.js';

const rule = { maxFailoverSeconds: 600, safetyFactor: 2, minimum: '10000' };
const MAX = 9223372036854775807n;

describe('a measured buffer', () => {
  it.each([
    // 100 calls a second × 600 s × 2
    [3_000n, 30_000n, rule, 120_000n],
    // A third of a call a second: 0.333… × 600 × 2 is exactly 400
    [10n, 30_000n, { ...rule, minimum: '0' }, 400n],
    // Rounded up once, at the end: 1 ÷ 30.001 × 1,200 is 39.99…
    [1n, 30_001n, { ...rule, minimum: '0' }, 40n],
    [1n, 30_000n, { maxFailoverSeconds: 0.1, safetyFactor: 1.1, minimum: '0' }, 1n],
    [50n, 1_000n, { maxFailoverSeconds: 60, safetyFactor: 1.1, minimum: '0' }, 3_300n],
    [100n, 30_000n, rule, 10_000n],
    [0n, 30_000n, rule, 10_000n],
    [18446744073709551615n, 1n, rule, MAX],
    [9007199254740993n, 1_000n, { maxFailoverSeconds: 1, safetyFactor: 1, minimum: '0' }, 9007199254740993n],
    [1n, 1n, { maxFailoverSeconds: 1e300, safetyFactor: 1e300, minimum: '0' }, MAX],
  ])('of %d calls in %d ms with %j is %d calls', (calls, elapsedMs, given, expected) => {
    expect(measuredBuffer(given, { calls, elapsedMs })).toBe(expected);
  });

  it('is the minimum where nobody knows the rate', () => {
    expect(measuredBuffer(rule, null)).toBe(10_000n);
  });

  it('is what the formula makes of the same rate, and never less than the minimum', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 1000 }).map((n) => n / 100),
        fc.nat(1_000_000),
        (perSecond, maxFailoverSeconds, safetyFactor, minimum) => {
          const product = bufferCalls({ peakInsertsPerSecond: perSecond, maxFailoverSeconds, safetyFactor });
          const measured = measuredBuffer(
            { maxFailoverSeconds, safetyFactor, minimum: String(minimum) },
            { calls: BigInt(perSecond) * 7n, elapsedMs: 7_000n },
          );
          expect(measured).toBe(product > BigInt(minimum) ? product : BigInt(minimum));
        },
      ),
    );
  });

  it('is the least whole number that is enough, and grows with the rate', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, MAX),
        fc.bigInt(1n, 10n ** 9n),
        fc.integer({ min: 1, max: 10_000 }),
        (calls, elapsedMs, seconds) => {
          const given = { maxFailoverSeconds: seconds, safetyFactor: 1, minimum: '0' };
          const buffer = measuredBuffer(given, { calls, elapsedMs });
          const needed = calls * 1000n * BigInt(seconds);
          if (buffer < MAX) {
            expect(buffer * elapsedMs >= needed).toBe(true);
            expect(buffer === 0n || (buffer - 1n) * elapsedMs < needed).toBe(true);
          } else {
            expect((buffer - 1n) * elapsedMs < needed).toBe(true);
          }
          expect(measuredBuffer(given, { calls: calls + 1n, elapsedMs }) >= buffer).toBe(true);
        },
      ),
    );
  });
});

describe('the measured buffers that are kept', () => {
  it('are the largest, and the others are known by the largest of them', () => {
    const pages: MeasuredBuffers[] = [
      {
        byOid: [
          [1, '30000'],
          [2, '9223372036854775807'],
          [3, '20000'],
        ],
        others: '0',
      },
      {
        byOid: [
          [4, '40000'],
          [5, '20000'],
        ],
        others: '15000',
      },
    ];
    expect(largestBuffers(pages, 10)).toEqual({
      byOid: [
        [2, '9223372036854775807'],
        [4, '40000'],
        [1, '30000'],
        [3, '20000'],
        [5, '20000'],
      ],
      others: '15000',
    });
    expect(largestBuffers(pages, 2)).toEqual({
      byOid: [
        [2, '9223372036854775807'],
        [4, '40000'],
      ],
      others: '30000',
    });
    expect(largestBuffers([], 2)).toEqual({ byOid: [], others: '0' });
  });

  it('never leave a sequence with less than was measured, however often they are cut', () => {
    const page = fc.record({
      byOid: fc.uniqueArray(fc.tuple(fc.nat(50), fc.bigInt(0n, MAX).map(String)), {
        selector: ([oid]) => oid,
      }),
      others: fc.bigInt(0n, MAX).map(String),
    });
    fc.assert(
      fc.property(page, fc.nat(10), fc.nat(10), ({ byOid, others }, pageLimit, runLimit) => {
        const kept = largestBuffers([largestBuffers([{ byOid, others }], pageLimit)], runLimit);
        expect(kept.byOid.length).toBeLessThanOrEqual(runLimit);
        const found = new Map(kept.byOid);
        for (const [oid, calls] of byOid) {
          expect(BigInt(found.get(oid) ?? kept.others) >= BigInt(calls)).toBe(true);
        }
        expect(BigInt(kept.others) >= BigInt(others)).toBe(true);
      }),
    );
  });
});
