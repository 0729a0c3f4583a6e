import type { SequenceRow } from '../contract/status.js';
import { plural } from '../contract/plural.js';
import { printable } from '../contract/printable.js';
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

/** More rows than this are cut, unless they are of sequences that failed. */
const SHOWN_AT_MOST = 100;

/** The outcomes in the order in which a person needs them. */
const ORDER: Readonly<Record<string, number>> = { failed: 0, applied: 1, skipped: 2, kept: 3 };

/**
 * The old and new position of each sequence, its outcome, and the reason of that: those that failed first. Of many, the last line says how many are
 * left out.
 */
export function explainedSequenceTable(rows: readonly SequenceRow[], width: number): string[] {
  if (rows.length <= SHOWN_AT_MOST) return textTableWithin([...first, outcome], reason, rows, width);
  const rank = (row: SequenceRow) => ORDER[row.outcome] ?? 0;
  const sorted = [...rows].sort((one, other) => rank(one) - rank(other));
  const failed = rows.filter((row) => row.outcome === 'failed').length;
  const shown = sorted.slice(0, Math.max(failed, SHOWN_AT_MOST));
  const more = rows.length - shown.length;
  return [
    ...textTableWithin([...first, outcome], reason, shown, width),
    ...(more > 0 ? [`… and ${plural(more, 'more sequence')}: --output json has all of them`] : []),
  ];
}
