// The report of a soak test: each of its lines is JSON about a schedule, or a switch, whose checks have passed.
import { readFileSync } from 'node:fs';

export function readReport(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** A line for each kind of fault, with its count, the most frequent first. */
export function faultLines(faults) {
  const counts = new Map();
  for (const fault of faults) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([fault, count]) => `${String(count).padStart(8)}  ${fault}`);
}
