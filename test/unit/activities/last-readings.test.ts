import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packReadings, packChangedReadings, unpackReadings } from '../../../activities/last-readings.js';
import type { LastReading } from '../../../src/planning/rows/last-reading.js';

const value = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n });
const readings = fc.uniqueArray(
  fc
    .record<LastReading>({
      oid: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      primaryNext: fc.option(value),
      buffer: fc.bigInt({ min: 0n, max: 2n ** 63n }),
      standbyNext: fc.option(value),
    })
    .chain((one) => fc.constantFrom<LastReading[]>(one, { ...one, goesRound: true })),
  { selector: ({ oid }) => oid },
);

/** `length` sequences whose values are like those of a database in use. */
const many = (length: number): LastReading[] =>
  Array.from({ length }, (_, index) => {
    const primaryNext = BigInt((index * 7_919) % 1_000_003);
    return { oid: 16_384 + 3 * index, primaryNext, buffer: 10_000n, standbyNext: primaryNext + 10_000n };
  });

const digests = ({ parts }: Awaited<ReturnType<typeof packChangedReadings>>) =>
  parts.map(({ digest }) => digest);
const told = ({ parts }: Awaited<ReturnType<typeof packChangedReadings>>) =>
  parts.flatMap(({ data }) => data ?? []);

describe('the last readings', () => {
  it('are the same when they come back', async () => {
    await fc.assert(
      fc.asyncProperty(readings, async (some) => {
        const unpacked = await unpackReadings([await packReadings(some)]);
        expect([...unpacked.values()].sort((a, b) => a.oid - b.oid)).toEqual(
          [...some].sort((a, b) => a.oid - b.oid),
        );
      }),
    );
  });

  it('that an earlier version packed mean what they meant', async () => {
    // As docs/reference/record-format.md describes it. A run that waits carries such texts to the worker that takes it over.
    const packed =
      'H4sIAAAAAAAAAz2OvQrCMBhF3+XOn/A1/+lDOLiWDNWkEqippA0o4rtLFoczncPlfrDluGOcBiOdIkNKeOU1e9aB8Kz5Mdf3Ob0OjBOUAOFkQaWtayBc27Kk2s3ADELHCyGlFSyN08pa7dgiEGLej7nc0j/uEwTd3X27bK3EfiJ8f1YSfVGRAAAA';
    expect([...(await unpackReadings([packed])).values()]).toEqual([
      { oid: 16_384, primaryNext: 42n, buffer: 100n, standbyNext: 142n },
      { oid: 16_390, primaryNext: -7n, buffer: 0n, standbyNext: null, goesRound: true },
      { oid: 4_294_967_295, primaryNext: null, buffer: 9_223_372_036_854_775_807n, standbyNext: 5n },
    ]);
  });

  it('are told whole at first, and then as far as the primary has moved', async () => {
    const before = many(2_000);
    const first = await packChangedReadings(before, []);
    expect((await unpackReadings(told(first))).size).toBe(2_000);
    const after = before.map((one) => (one.oid === 16_384 ? { ...one, primaryNext: 77n } : one));
    const second = await packChangedReadings(after, digests(first));
    expect(told(second)).toHaveLength(1);
    expect((await unpackReadings(told(second))).get(16_384)).toMatchObject({
      primaryNext: 77n,
      standbyNext: null,
    });
    expect(told(await packChangedReadings(after, digests(second)))).toEqual([]);
    // Parts of a round, which no recheck has told.
    expect(told(await packChangedReadings(after, [null, null]))).toHaveLength(2);
  });

  it('of many are told again only where the standby was moved', async () => {
    const before = many(9_000);
    const first = await packChangedReadings(before, []);
    const busy = before.map((one) => ({ ...one, primaryNext: (one.primaryNext ?? 0n) + 100n }));
    expect(told(await packChangedReadings(busy, digests(first)))).toEqual([]);
    const moved = busy.map((one) => (one.oid === 16_384 ? { ...one, standbyNext: 99_999n } : one));
    const second = await packChangedReadings(moved, digests(first));
    expect(told(second)).toHaveLength(1);
    expect((await unpackReadings(told(second))).get(16_384)).toMatchObject({
      primaryNext: 100n,
      standbyNext: 99_999n,
    });
  });

  it('of one that is behind are told anew: an earlier one must not stand for it', async () => {
    const before = many(9_000);
    const first = await packChangedReadings(before, []);
    const primaryNext = before[0]?.standbyNext ?? null;
    const behind = before.map((one) =>
      one.oid === 16_384 ? { ...one, primaryNext, standbyNext: null } : one,
    );
    const second = await packChangedReadings(behind, digests(first));
    expect((await unpackReadings(told(second))).get(16_384)).toMatchObject({
      primaryNext,
      standbyNext: null,
    });
  });

  it('of 100,000 sequences fit in a payload of which Temporal does not warn', async () => {
    const size = told(await packChangedReadings(many(100_000), [])).reduce(
      (sum, data) => sum + data.length,
      0,
    );
    expect(size).toBeLessThan(512 * 1024);
  });
});
