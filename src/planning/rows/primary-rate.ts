import type { PrimarySequence } from '../../steps/rows.js';
import {
  consumption,
  consumptionText,
  faster,
  fastestConsumption,
  type Reading,
} from '../../sequences/consumption.js';
import { nextValue } from '../../sequences/sequence.js';

/** The readings with which a sequence of the primary can be compared. */
export interface Earlier {
  /** The first reading of the sample; null if it did not have the sequence. */
  sample: { next: string | null; at: string };
  /** Of earlier rounds, the latest first. */
  recorded: readonly Reading[];
  /** Readings of earlier rounds that are closer together than this, in milliseconds, do not yield a rate. */
  leastMs: number;
}

/** The faster of the rate of the sample and the rates between recorded rounds; null if nothing was consumed, or if there is no rate. */
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
  return consumptionText(rate);
}
