import type { PrimarySequence } from '../steps/rows.js';
import { consumption, faster, fastestConsumption, type Reading } from '../sequences/consumption.js';
import { nextValue } from '../sequences/sequence.js';

/** What a sequence of the primary can be compared with. */
export interface Earlier {
  /** The first read of the sample; null where the sequence was not in it. */
  sample: { next: string | null; at: string };
  /** Of earlier rounds, the latest first. */
  recorded: readonly Reading[];
  /** Readings of earlier rounds closer together than this many milliseconds tell nothing. */
  leastMs: number;
}

/** The faster of the sample's rate and any between the rounds on record; null if nothing was consumed, or it is unknown. */
export function primaryRate(
  { last, called, increment }: PrimarySequence,
  readAt: string,
  { sample, recorded, leastMs }: Earlier,
): NonNullable<PrimarySequence['rate']> | null {
  if (last === undefined || called === undefined) return null;
  const step = BigInt(increment);
  const now = {
    next: nextValue({ lastValue: BigInt(last), isCalled: called }, step),
    at: Date.parse(readAt),
  };
  const sampled =
    sample.next === null
      ? null
      : consumption({ next: BigInt(sample.next), at: Date.parse(sample.at) }, now, step);
  const rate = faster(sampled, fastestConsumption([now, ...recorded], step, leastMs));
  if (rate === null || rate.calls === 0n) return null;
  return { calls: String(rate.calls), elapsedMs: String(rate.elapsedMs) };
}
