import type { FleetRow } from '../contract/fleet-status.js';
import { printable } from '../contract/printable.js';
import { type Column, textTable, textTableWithin } from './text-table.js';

const columns: Column<FleetRow>[] = [
  { title: ['pair'], align: 'left', cell: ({ pair }) => printable(pair) },
  { title: ['state'], align: 'left', cell: stateOf },
  {
    title: ['sequences'],
    align: 'right',
    cell: ({ counts }) => (counts === null ? '' : String(counts.total)),
  },
  { title: ['failed'], align: 'right', cell: ({ counts }) => (counts === null ? '' : String(counts.failed)) },
  { title: ['headroom'], align: 'right', cell: ({ minimumHeadroom }) => minimumHeadroom?.calls ?? '' },
  { title: ['approvals'], align: 'right', cell: ({ approvals }) => String(approvals) },
];

const what: Column<FleetRow> = { title: ['what'], align: 'left', cell: noteOf };

/** A line for each pair of a fleet. */
export function fleetTable(pairs: readonly FleetRow[]): string[] {
  return textTable([...columns, what], pairs);
}

/** A line for each pair of a fleet. What has to be said of it has lines of its own if the table is wider than the terminal. */
export function explainedFleetTable(pairs: readonly FleetRow[], width: number): string[] {
  return textTableWithin(columns, what, pairs, width);
}

function stateOf({ phase, gate, outcome }: FleetRow): string {
  if (phase === 'done') return outcome;
  return phase === 'waiting' && gate !== null ? gate : phase;
}

function noteOf({ failure, message, blockedBy, blockedCount, refused, heldUntil }: FleetRow): string {
  if (failure !== null) return printable(`${failure}${message === null ? '' : `: ${message}`}`);
  if (blockedCount > 0) {
    const codes = [...new Set(blockedBy.map(({ code }) => code))];
    return printable(codes.join(', '));
  }
  if (heldUntil !== undefined) return `approved, waits until ${heldUntil}`;
  return refused === null ? '' : printable(`refused: ${refused.reason}`);
}

/** Pairs that need a person come first, then those that have failed, and then those at work. */
export function mostUrgentFirst(pairs: readonly FleetRow[]): FleetRow[] {
  return [...pairs].sort((a, b) => urgency(a) - urgency(b));
}

function urgency({ phase, gate, failure, refused }: FleetRow): number {
  if (phase === 'waiting' && (gate === 'blocked' || refused !== null)) return 0;
  if (failure !== null) return 1;
  return { preparing: 2, deciding: 3, waiting: 4, queued: 5, done: 6 }[phase];
}
