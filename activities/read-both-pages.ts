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
 * A page of either side. Where the standby's sequences stand is read before the primary's are, so that the headroom is a lower bound; behind a
 * fence, where the primary's do not move, both are read at once. So are the rows of both sides, which take most of the time.
 */
export async function readBothPages(
  pair: Pair,
  { identity, confirmed = false, fenced }: Pick<RecheckInput, 'identity' | 'confirmed' | 'fenced'>,
  range: PageRange,
): Promise<BothPages> {
  const reading = onSide('standby', () => readStandbySequences(pair, identity, range));
  if (fenced === undefined) await reading;
  const primaryReadAt = new Date().toISOString();
  const standby = onSide('standby', async () => withRows(pair, identity, range, await reading));
  const primary = onSide('primary', () =>
    confirmed
      ? readPrimaryPage(pair, identity, range, async (all) => withoutCovered(all, await standby))
      : readPrimaryPage(pair, identity, range),
  );
  // Nothing goes on behind the back of a step that has failed.
  await Promise.allSettled([standby, primary]);
  return { standby: await standby, primary: await primary, primaryReadAt };
}
