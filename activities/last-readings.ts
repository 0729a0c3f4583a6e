import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { LastReadings, PlannedSequence } from '../src/steps/rows.js';
import { EXACT_UP_TO, type LastReading } from '../src/planning/last-reading.js';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Sequences of a part: one that changed is told again with all others of its part. */
const PART = 1_000;

/** Column by column, since what is alike then stands together; documented in docs/reference/record-format.md. */
interface Columns {
  /** The first, and from then on the difference to the one before. */
  oids: number[];
  primaryNext: (string | null)[];
  buffer: string[];
  /** How far the standby's next value is from the primary's, in values. */
  distance?: (string | null)[];
  /** The places of those that go round. */
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

/** By the standby's oid. */
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
 * What a recheck tells of its readings: all, or only the parts that differ from what the run knows.
 *
 * @param known digests of the parts that the run has; null for one that no recheck has told
 */
export async function tellReadings(
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

/** The standby's sequences that no row compares, such as those that it has alone. What failed is among neither: nothing is known of it. */
export function notCompared(
  rows: readonly Pick<PlannedSequence, 'oid' | 'buffer'>[],
  standby: readonly Pick<LastReading, 'oid'>[],
): LastReading[] {
  // A row without a buffer had no target computed.
  const planned = new Set(rows.filter(({ buffer }) => buffer !== null).map(({ oid }) => oid));
  return standby
    .filter(({ oid }) => !planned.has(oid))
    .map(({ oid }) => ({ oid, primaryNext: null, buffer: 0n, standbyNext: null }));
}

/** As many as the run has, as long as that is about right: else all of them are told anew. */
function partsFor(length: number, known: readonly (string | null)[]): number {
  const fits = known.length > 0 && !known.includes(null) && length <= 2 * PART * known.length;
  return fits ? known.length : Math.max(1, Math.ceil(length / PART));
}

/** The same as long as nothing changed that matters, whatever the order. */
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
