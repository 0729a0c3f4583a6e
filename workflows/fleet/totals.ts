import type { FleetOutcome, FleetRow, FleetStatus } from '../../src/contract/fleet-status.js';
import type { Counts, Finding } from '../../src/contract/status.js';
import { cut } from '../../src/contract/parsing/text.js';
import { leastHeadroom } from '../../src/contract/combine.js';
import { sumOfCounts } from '../../src/contract/counts.js';
import type { Member } from './member.js';

/** The most failed pairs that a message names. */
const NAMED = 10;

export const isFailure = ({ failure }: FleetRow) => failure !== null;

export function countPhases(members: readonly Member[]): FleetStatus['counts'] {
  const counts = { total: members.length, queued: 0, preparing: 0, waiting: 0, deciding: 0, done: 0 };
  for (const { phase } of members) counts[phase] += 1;
  return counts;
}

export function countOutcomes(members: readonly Member[]): Record<FleetOutcome, number> {
  const outcomes: Record<FleetOutcome, number> = {
    ready: 0,
    planned: 0,
    verified: 0,
    synchronized: 0,
    'handed-off': 0,
    failed: 0,
    rejected: 0,
    cancelled: 0,
    pending: 0,
  };
  for (const { outcome } of members) outcomes[outcome] += 1;
  return outcomes;
}

/** The sum of the counts of all pairs that have reported counts. */
export function sumOfSequences(members: readonly Member[]): Counts {
  return sumOfCounts(members.flatMap(({ counts }) => counts ?? []));
}

/** The least headroom of all pairs that have reported one, with the name of its pair. */
export function leastHeadroomOfPairs(members: readonly Member[]): FleetStatus['minimumHeadroom'] {
  return leastHeadroom(
    members.map(({ pair, minimumHeadroom }) =>
      minimumHeadroom === null ? null : { pair, ...minimumHeadroom },
    ),
  );
}

/** Why a fleet that has ended is incomplete; null if it is complete. */
export function whyIncomplete(members: readonly Member[], findings: readonly Finding[]): string | null {
  const failed = members.filter(isFailure);
  const block = findings.find(({ severity }) => severity === 'block');
  if (failed.length === 0 && block === undefined) return null;
  const total = members.length;
  const named = failed
    .slice(0, NAMED)
    .map(({ pair, failure, message }) => `${pair}: ${failure ?? 'failed'}: ${cut(message ?? '', 200)}`);
  const more = failed.length > NAMED ? [`and ${failed.length - NAMED} more, see the query pairs`] : [];
  const found = block === undefined ? [] : [`${block.code}: ${block.message}; ${block.remedy}`];
  return [
    failed.length === 0
      ? `all ${total} pairs ended well and need nothing more; a database that the fleet left out has to be fixed and started in a run of its own`
      : `${total - failed.length} of ${total} pairs ended well; fix the others and start them again`,
    ...named,
    ...more,
    ...found,
  ].join('; ');
}
