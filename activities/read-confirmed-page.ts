import { sequencesToReadOnPrimary } from '../src/planning/rows/covered-rows.js';
import type { SequenceReading } from '../src/postgres/sequences/sequence-reading.js';
import type { PrimarySequence } from '../src/steps/rows.js';
import { onSide } from './activity-failure.js';
import type { PageOfPair } from './page-of-pair.js';
import { readPrimaryPage } from './read-primary-page.js';
import { readStandbyFeeds } from './read-standby-page.js';

/**
 * Reads a page of the primary, but not the rows that the standby has as well. If those cannot be read on the standby, a finding says so later,
 * and the recheck after the approval reads the primary's.
 */
export function readConfirmedPage(page: PageOfPair): Promise<PrimarySequence[]> {
  return readPrimaryPage(page, (all) => notOnStandby(page, all));
}

async function notOnStandby(page: PageOfPair, all: SequenceReading[]): Promise<SequenceReading[]> {
  const fed = all.filter(({ feeds }) => feeds.length > 0);
  if (fed.length === 0) return [];
  return sequencesToReadOnPrimary(fed, await onSide('standby', () => readStandbyFeeds(page)));
}
