import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferCalls, type FixedBuffer } from '../../../src/sequences/buffer.js';

const formula = (peakInsertsPerSecond: number, maxFailoverSeconds: number, safetyFactor: number) =>
  bufferCalls({ peakInsertsPerSecond, maxFailoverSeconds, safetyFactor });

describe('a buffer by preset', () => {
  it.each([
    ['low', 10_000n],
    ['medium', 100_000n],
    ['high', 1_000_000n],
    ['time-critical', 10_000_000n],
  ] as const)('%s is %d calls', (preset, calls) => {
    expect(bufferCalls({ preset })).toBe(calls);
  });

  it.each(['huge', 'toString', ''])('%j is refused, with the presets there are', (preset) => {
    expect(() => bufferCalls({ preset } as FixedBuffer)).toThrow(
      new RangeError(`unknown buffer preset "${preset}": expected one of low, medium, high, time-critical`),
    );
  });
});

describe('a buffer by calls', () => {
  it.each([
    ['0', 0n],
    ['10000', 10_000n],
    ['00000000000000000000000012', 12n],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
  ])('%s is taken exactly', (calls, expected) => {
    expect(bufferCalls({ calls })).toBe(expected);
  });

  it.each(['', '-1', '+1', '1.0', '1e3', ' 1', '1\n', '0x10', '١'])('%j is refused', (calls) => {
    expect(() => bufferCalls({ calls })).toThrow(
      new RangeError(`buffer calls "${calls}": expected a decimal integer of 0 or more, such as "10000"`),
    );
  });

  it('beyond the largest bigint is refused by name', () => {
    expect(() => bufferCalls({ calls: '9223372036854775808' })).toThrow(
      new RangeError(
        'buffer of 9223372036854775808 calls is beyond 9223372036854775807, the largest bigint: choose a smaller one',
      ),
    );
  });

  it('of a million digits is refused at once, with a short message', () => {
    expect(() => bufferCalls({ calls: '9'.repeat(1_000_000) })).toThrow(/^.{1,250}$/);
  });
});

describe('a buffer by formula', () => {
  it.each([
    [50, 60, 1.1, 3_300n],
    [500, 600, 2, 600_000n],
    [0.1, 0.2, 10, 1n],
    [3, 1, 0.7, 3n],
    [1e-7, 1, 1, 1n],
    [1e-7, 1e7, 1, 1n],
    [1.5e-7, 1e7, 2, 3n],
    [1e21, 1e-21, 7, 7n],
    [1.25e21, 1e-20, 1, 13n],
    [9007199254740991, 1, 1.5, 13510798882111487n],
    [5e-324, 5e-324, 5e-324, 1n],
    [0, 600, 2, 0n],
    [-0, 600, 2, 0n],
  ])('%d × %d × %d, as written in decimal and rounded up, is %d calls', (peak, seconds, factor, calls) => {
    expect(formula(peak, seconds, factor)).toBe(calls);
  });

  it('is exact for decimals of any size, in any order', () => {
    const decimal = fc
      .tuple(fc.bigInt(0n, 999_999n), fc.integer({ min: 0, max: 8 }))
      .map(([digits, places]) => ({
        digits,
        places,
        number: Number(`${digits.toString()}e-${places}`),
      }));
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        const product = a.digits * b.digits * c.digits;
        const scale = 10n ** BigInt(a.places + b.places + c.places);
        const exact = product / scale + (product % scale === 0n ? 0n : 1n);
        expect(formula(a.number, b.number, c.number)).toBe(exact);
        expect(formula(c.number, a.number, b.number)).toBe(exact);
      }),
    );
  });

  it('takes a product that is the largest bigint', () => {
    // 7² × 73 × 127 × 337 × 92737 × 649657
    expect(formula(7 * 7 * 73 * 127 * 337, 92737, 649657)).toBe(9223372036854775807n);
  });

  it('beyond the largest bigint is refused by name', () => {
    expect(() => formula(1e10, 1e10, 1)).toThrow(
      new RangeError(
        'buffer of 10000000000 × 10000000000 × 1 calls is 100000000000000000000, beyond 9223372036854775807, the largest bigint: choose a smaller one',
      ),
    );
    expect(() => formula(1e300, 1e300, 1)).toThrow(/is a number of 601 digits, beyond 9223372036854775807/);
  });

  it.each([NaN, Infinity, -1, -1e-7])('%d for a factor is refused, naming the field', (factor) => {
    expect(() => formula(1, 1, factor)).toThrow(
      new RangeError(`buffer safetyFactor ${factor}: expected a finite number of 0 or more`),
    );
  });
});
