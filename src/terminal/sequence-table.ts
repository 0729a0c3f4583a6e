import type { SequenceRow } from '../contract/status.js';
import { printable } from './printable.js';
import { type Column, textTable, textTableWithin } from './text-table.js';

const known = (value: string | null) => value ?? '?';

const first: Column<SequenceRow>[] = [
  { title: ['', 'sequence'], align: 'left', cell: (row) => printable(row.sequence) },
  { title: ['primary', 'next'], align: 'right', cell: (row) => known(row.primaryNext) },
  { title: ['standby', 'before'], align: 'right', cell: (row) => known(row.standbyBefore) },
  { title: ['standby', 'next'], align: 'right', cell: (row) => known(row.standbyNext) },
];

const outcome: Column<SequenceRow> = { title: ['', 'outcome'], align: 'left', cell: (row) => row.outcome };

const buffer: Column<SequenceRow> = {
  title: ['', 'buffer'],
  align: 'right',
  cell: (row) => known(row.buffer),
};

const reason: Column<SequenceRow> = {
  title: ['', 'reason'],
  align: 'left',
  cell: (row) => printable(row.reason ?? ''),
};

/** The old and new position of each sequence, its buffer and its outcome. */
export function sequenceTable(rows: readonly SequenceRow[]): string[] {
  return textTable([...first, buffer, outcome], rows);
}

/** The old and new position of each sequence, its outcome, and the reason of that. */
export function explainedSequenceTable(rows: readonly SequenceRow[], width: number): string[] {
  return textTableWithin([...first, outcome], reason, rows, width);
}
