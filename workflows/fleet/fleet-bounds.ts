import type { FleetInput } from '../../src/contract/fleet.js';
import { jsonBytes } from '../../src/contract/parsing/json-size.js';

/** The largest size of all inputs of a fleet's runs, in bytes of JSON. They are in the history of the fleet, and Temporal allows 50 MB. */
const INPUTS_AT_MOST = 10_000_000;
/** The largest size of the inputs of runs that are started in one workflow task. Its commands are one message, and Temporal allows 4 MB. */
const STARTED_AT_ONCE_AT_MOST = 3_000_000;

/** The largest size of a fleet's history, in bytes, up to which the fleet takes decisions. */
const HISTORY_AT_MOST = 40_000_000;
/** The largest number of bytes that one decision may add to the history. A larger one has to name fewer pairs. */
export const DECISION_AT_MOST = 10_000_000;

/** The input of one run of the fleet. */
export function memberInput({ defaults, entries }: FleetInput, entry: number, pair: string): object {
  return { ...defaults, ...entries[entry]?.input, pair };
}

/**
 * Why the inputs of the runs are too large; null if they are not.
 *
 * @param members all pairs of the fleet, each with the index of its entry
 */
export function inputProblem(
  input: FleetInput,
  members: readonly { pair: string; entry: number }[],
): string | null {
  const counts = new Map<number, number>();
  for (const { entry } of members) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  const sizes = [...counts].map(([entry, count]) => {
    const bytes = jsonBytes(memberInput(input, entry, input.entries[entry]?.pair ?? ''));
    return { entry, count, bytes };
  });
  const total = sizes.reduce((sum, { count, bytes }) => sum + count * bytes, 0);
  const widest = Math.max(0, ...sizes.map(({ bytes }) => bytes));
  const most = Math.min(
    INPUTS_AT_MOST / Math.max(1, members.length),
    STARTED_AT_ONCE_AT_MOST / input.concurrency,
  );
  if (total <= INPUTS_AT_MOST && widest * input.concurrency <= STARTED_AT_ONCE_AT_MOST) return null;
  const largest = sizes.reduce((a, b) => (b.count * b.bytes > a.count * a.bytes ? b : a));
  const { path, bytes } = largestField(input, largest.entry);
  return `${path}: found ${bytes} bytes of JSON, for each of ${largest.count} pairs; expected at most about ${Math.floor(most)} bytes for each of ${members.length} pairs, ${input.concurrency} at once: shorten it (fewer patterns, with wildcards), lower "concurrency", or make several fleets`;
}

function largestField({ defaults, entries }: FleetInput, entry: number): { path: string; bytes: number } {
  const own = entries[entry]?.input ?? {};
  const fields = Object.entries({ ...defaults, ...own }).map(([name, value]) => ({
    path: name in own ? `pairs[${entry}].input.${name}` : name,
    bytes: jsonBytes([value]) - 2,
  }));
  return fields.reduce((a, b) => (b.bytes > a.bytes ? b : a), { path: 'pairs', bytes: 0 });
}

/**
 * Why a decision is too large to be passed on; null if it is not.
 *
 * @param parts the message to each pair
 * @param historyBytes the present size of the fleet's history
 */
export function decisionProblem(parts: readonly object[], historyBytes: number): string | null {
  const room = Math.min(DECISION_AT_MOST, HISTORY_AT_MOST - historyBytes);
  let bytes = 0;
  for (const part of parts) {
    bytes += jsonBytes(part);
    if (bytes > room)
      return `the history of the fleet has room for ${Math.max(0, room)} more bytes of decisions, and "accept", "ignoreRows", "raisePastRows" and "reason" of this one on ${parts.length} pairs take more: name fewer things or, with "pairs", fewer pairs, or decide in the pairs' own workflows`;
  }
  return null;
}
