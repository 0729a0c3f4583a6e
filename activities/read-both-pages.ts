import type { PageRange } from '../src/steps/identity.js';
import type { RecheckInput } from '../src/steps/recheck-steps.js';
import type { PrimarySequence } from '../src/steps/rows.js';
import { withoutCovered } from '../src/planning/covered-rows.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import { readPrimaryPage } from './read-primary-page.js';
import { readStandbySequences, withRows } from './read-standby-page.js';

interface BothPages {
  standby: StandbySequence[];
  primary: PrimarySequence[];
  primaryReadAt: string;
}

/**
 * A page of either side. Where the standby's sequences stand is read before the primary's are, so that the headroom is a lower bound; the
 * rows of both sides, which take most of the time, are read at once.
 */
export async function readBothPages(
  pair: Pair,
  { identity, confirmed = false }: Pick<RecheckInput, 'identity' | 'confirmed'>,
  range: PageRange,
): Promise<BothPages> {
  const sequences = await onSide('standby', () => readStandbySequences(pair, identity, range));
  const primaryReadAt = new Date().toISOString();
  const theirs = onSide('standby', () => withRows(pair, identity, range, sequences));
  const ours = onSide('primary', () =>
    confirmed
      ? readPrimaryPage(pair, identity, range, async (all) => withoutCovered(all, await theirs))
      : readPrimaryPage(pair, identity, range),
  );
  // Nothing goes on behind the back of a step that has failed.
  await Promise.allSettled([theirs, ours]);
  return { standby: await theirs, primary: await ours, primaryReadAt };
}
