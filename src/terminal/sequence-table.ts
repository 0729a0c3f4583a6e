import type { SequenceRow } from '../contract/status.js';
import { printable } from './printable.js';
import { type Column, textTable } from './text-table.js';

const known = (value: string | null) => value ?? '?';

const first: Column<SequenceRow>[] = [
  { title: ['', 'sequence'], align: 'left', cell: (row) => printable(row.sequence) },
  { title: ['primary', 'next'], align: 'right', cell: (row) => known(row.primaryNext) },
  { title: ['standby', 'before'], align: 'right', cell: (row) => known(row.standbyBefore) },
  { title: ['standby', 'next'], align: 'right', cell: (row) => known(row.standbyNext) },
];

const outcome: Column<SequenceRow> = { title: ['', 'outcome'], align: 'left', cell: (row) => row.outcome };

const others = {
  buffer: [{ title: ['', 'buffer'], align: 'right', cell: (row) => known(row.buffer) }, outcome],
  reason: [outcome, { title: ['', 'reason'], align: 'left', cell: (row) => printable(row.reason ?? '') }],
} satisfies Record<string, Column<SequenceRow>[]>;

/** The old and new position of each sequence, and its outcome; with its buffer, or with the reason of its outcome. */
export function sequenceTable(rows: readonly SequenceRow[], shown: keyof typeof others): string[] {
  return textTable([...first, ...others[shown]], rows);
}
