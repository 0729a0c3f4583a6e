import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { LastReadings, PlannedSequence } from '../src/steps/rows.js';
import { EXACT_UP_TO, type LastReading } from '../src/planning/rows/last-reading.js';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The number of sequences in a part. If one of them changes, the whole part is sent again. */
const PART = 1_000;

/** Columns compress well, because similar values stand together. docs/reference/record-format.md describes the format. */
interface Columns {
  /** The first oid, and then the difference from each oid to the one before. */
  oids: number[];
  primaryNext: (string | null)[];
  buffer: string[];
  /** The distance from the primary's next value to the standby's, in values. */
  distance?: (string | null)[];
  /** The indexes of the sequences that go round. */
  goRound?: number[];
}

/** Base64 of gzip of JSON. */
export async function packReadings(readings: readonly LastReading[]): Promise<string> {
  const sorted = [...readings].sort((a, b) => a.oid - b.oid);
  const text = (value: bigint | null) => (value === null ? null : String(value));
  const columns: Columns = {
    oids: sorted.map(({ oid }, index) => oid - (sorted[index - 1]?.oid ?? 0)),
    primaryNext: sorted.map(({ primaryNext }) => text(primaryNext)),
    buffer: sorted.map(({ buffer }) => String(buffer)),
  };
  if (sorted.some(({ standbyNext }) => standbyNext !== null))
    columns.distance = sorted.map(({ standbyNext, primaryNext }) =>
      standbyNext === null ? null : text(standbyNext - (primaryNext ?? 0n)),
    );
  const goRound = sorted.flatMap((reading, index) => (reading.goesRound === true ? [index] : []));
  if (goRound.length > 0) columns.goRound = goRound;
  return (await compress(JSON.stringify(columns))).toString('base64');
}

/** The readings by the oid on the standby. */
export async function unpackReadings(packed: readonly string[]): Promise<Map<number, LastReading>> {
  const readings = new Map<number, LastReading>();
  const value = (text: string | null | undefined) => (text == null ? null : BigInt(text));
  for (const each of packed) {
    const bytes = await decompress(Buffer.from(each, 'base64'));
    const { oids, primaryNext, buffer, distance, goRound } = JSON.parse(bytes.toString()) as Columns;
    const around = new Set(goRound);
    let oid = 0;
    for (const [index, step] of oids.entries()) {
      oid += step;
      const next = value(primaryNext[index]);
      const apart = value(distance?.[index]);
      readings.set(oid, {
        oid,
        primaryNext: next,
        buffer: BigInt(buffer[index] ?? '0'),
        standbyNext: apart === null ? null : (next ?? 0n) + apart,
        ...(around.has(index) ? { goesRound: true as const } : {}),
      });
    }
  }
  return readings;
}

/**
 * Packs the readings of a recheck: all of them, or only the parts that differ from those that the run has.
 *
 * @param known the digests of the parts that the run has; null for a part that no recheck has sent
 */
export async function packChangedReadings(
  readings: readonly LastReading[],
  known: readonly (string | null)[],
): Promise<LastReadings> {
  const isExact = readings.length <= EXACT_UP_TO;
  const count = partsFor(readings.length, known);
  const parts = Array.from({ length: count }, (): LastReading[] => []);
  for (const reading of readings)
    parts[reading.oid % count]?.push(isExact ? { ...reading, standbyNext: null } : reading);
  return {
    parts: await Promise.all(
      parts.map(async (part, index) => {
        const digest = digestOf(part, isExact);
        return { digest, data: digest === known[index] ? null : await packReadings(part) };
      }),
    ),
  };
}

/**
 * The standby's sequences that no row compares, for example because the primary does not have them, or because they have no target.
 */
export function notCompared(
  rows: readonly Pick<PlannedSequence, 'oid' | 'buffer'>[],
  standby: readonly Pick<LastReading, 'oid'>[],
): LastReading[] {
  // A row without a buffer has no target.
  const planned = new Set(rows.filter(({ buffer }) => buffer !== null).map(({ oid }) => oid));
  return standby
    .filter(({ oid }) => !planned.has(oid))
    .map(({ oid }) => ({ oid, primaryNext: null, buffer: 0n, standbyNext: null }));
}

/** The run's number of parts, if it still fits. Otherwise there are new parts, and all of them are sent. */
function partsFor(length: number, known: readonly (string | null)[]): number {
  const fits = known.length > 0 && !known.includes(null) && length <= 2 * PART * known.length;
  return fits ? known.length : Math.max(1, Math.ceil(length / PART));
}

/** The digest depends neither on the order nor on changes that do not matter. */
function digestOf(part: readonly LastReading[], isExact: boolean): string {
  const lines = [...part]
    .sort((a, b) => a.oid - b.oid)
    .map(({ oid, primaryNext, standbyNext, buffer, goesRound }) => {
      const value =
        isExact || primaryNext === null
          ? String(primaryNext)
          : standbyNext === null
            ? `exactly ${String(primaryNext)}`
            : String(standbyNext);
      return `${oid} ${value} ${String(buffer)}${goesRound === true ? ' round' : ''}`;
    });
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}
