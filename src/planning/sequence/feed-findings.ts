import type { Finding } from '../../contract/status.js';
import { contains } from '../../sequences/range-bound.js';
import type { ColumnLimit } from '../../sequences/sequence.js';
import { limitNotComputed, type ValuesToCome } from './limit-not-computed.js';
import { unlogged } from './sequence-findings.js';
import type { StandbySequence } from '../standby-sequence.js';

/**
 * Findings about the columns that a sequence feeds on the standby.
 *
 * @param values the values that have to fit into the limits of the columns; null if they are not known
 */
export function feedFindings(standby: StandbySequence, values: () => ValuesToCome | null): Finding[] {
  const findings = unloggedFindings(standby);
  const notComputed = standby.feeds.flatMap((feed) => feed.notComputed ?? []);
  const rounded = standby.feeds
    .flatMap(({ limits }) => limits)
    .filter((limit) => limit.type === 'ranges' && limit.beyond !== undefined);
  if (notComputed.length + rounded.length === 0) return findings;
  const toCome = values();
  const passed = toCome === null ? [] : rounded.flatMap((limit) => passedBy(toCome.next, limit));
  const limits = [...new Set([...notComputed, ...passed])];
  if (limits.length > 0) findings.push(limitNotComputed(standby, limits, toCome));
  return findings;
}

/** That a crash resets the sequence. The catalog shows this also to a role that may not read the sequence. */
export function unloggedFindings({ sequence, unlogged: isUnlogged, feeds }: StandbySequence): Finding[] {
  const logged = feeds.filter((feed) => feed.logged).map(({ column }) => column);
  return isUnlogged && logged.length > 0 ? [unlogged(sequence, logged)] : [];
}

function passedBy(next: bigint, limit: ColumnLimit): string[] {
  if (limit.type !== 'ranges' || limit.beyond === undefined) return [];
  return limit.ranges.some((range) => contains(range, next)) ? [] : [limit.beyond];
}
