import type { Finding } from '../contract/status.js';
import { limitNotComputed, type ValuesToCome } from './limit-not-computed.js';
import { unlogged } from './sequence-findings.js';
import type { StandbySequence } from './standby-sequence.js';

/**
 * What of the columns that it feeds may keep the standby's sequence from working.
 *
 * @param values the values that have to fit into the limits of the columns; null if they are not known
 */
export function feedFindings(standby: StandbySequence, values: () => ValuesToCome | null): Finding[] {
  const findings: Finding[] = [];
  const logged = standby.feeds.filter((feed) => feed.logged).map(({ column }) => column);
  if (standby.unlogged && logged.length > 0) findings.push(unlogged(standby.sequence, logged));
  const notComputed = standby.feeds.flatMap((feed) => feed.notComputed ?? []);
  if (notComputed.length > 0) findings.push(limitNotComputed(standby, [...new Set(notComputed)], values()));
  return findings;
}
