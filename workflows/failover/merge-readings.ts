import type { LastReadings } from '../../src/steps/rows.js';

/**
 * The largest size of the kept readings of the primary, in characters. 100,000 sequences with values of 6 digits take about half of it. If
 * the primary is lost, a sequence without a reading is a block.
 */
const READINGS_AT_MOST = 1_100_000;

/** Merges the readings of a recheck, which has only the changed parts, into the readings of the primary. */
export function mergeReadings(known: LastReadings | undefined, told: LastReadings): LastReadings {
  const parts = told.parts.map(({ digest, data }, index) => ({
    digest,
    data: data ?? known?.parts[index]?.data ?? null,
  }));
  const size = parts.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  return { parts: size <= READINGS_AT_MOST ? parts : [] };
}
