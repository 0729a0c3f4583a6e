import type { PageRange } from '../src/steps/identity.js';
import type { RecheckInput } from '../src/steps/recheck-steps.js';
import type { PrimarySequence } from '../src/steps/rows.js';
import { sequencesToReadOnPrimary } from '../src/planning/rows/covered-rows.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import type { SequenceReading } from '../src/postgres/sequences/sequence-reading.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import { readPrimaryPage, recallPrimaryPage } from './read-primary-page.js';
import { readStandbySequences, withRows } from './read-standby-page.js';

interface BothPages {
  standby: StandbySequence[];
  primary: PrimarySequence[];
  primaryReadAt: string;
}

/**
 * Reads a page on both sides. The standby's positions are read before the primary's, so that the headroom is a lower bound. Behind a fence
 * the primary's positions do not move, so both sides are read at once. The rows of both sides are always read at once, since they take most
 * of the time.
 *
 * The catalogs of the primary are compared at once, so that one comparison stands for all pages that are read at the same time.
 */
export async function readBothPages(
  pair: Pair,
  { identity, confirmed = false, fenced }: Pick<RecheckInput, 'identity' | 'confirmed' | 'fenced'>,
  range: PageRange,
): Promise<BothPages> {
  const of = { pair, identity, range };
  const reading = onSide('standby', () => readStandbySequences(of));
  const recalled = recallPrimaryPage(of);
  // If the standby fails before, nobody asks for its error.
  recalled.catch(() => undefined);
  if (fenced === undefined) await reading;
  // A promotion reads everything before the fence and behind it.
  const again = fenced !== undefined;
  const primaryReadAt = new Date().toISOString();
  const standby = onSide('standby', async () => withRows(of, await reading, again));
  const rowsOf = confirmed
    ? async (all: SequenceReading[]) => sequencesToReadOnPrimary(all, await standby)
    : (all: SequenceReading[]) => all;
  const primary = onSide('primary', () => readPrimaryPage(of, { rowsOf, again, recalled }));
  // Wait for both sides, so that no query continues after the step has failed.
  await Promise.allSettled([standby, primary]);
  return { standby: await standby, primary: await primary, primaryReadAt };
}
