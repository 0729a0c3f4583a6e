import type { Report, ReportedRow } from './report.js';

type Cell = string | number | boolean | null | undefined;

const columns: [name: string, cell: (row: ReportedRow) => Cell][] = [
  ['pair', (row) => row.pair],
  ['sequence', (row) => row.sequence],
  ['round', (row) => row.round],
  ['last_round', (row) => row.last],
  ['primary_next', (row) => row.primaryNext],
  ['standby_before', (row) => row.standbyBefore],
  ['target', (row) => row.target],
  ['standby_next', (row) => row.standbyNext],
  ['increment', (row) => row.increment],
  ['buffer', (row) => row.buffer],
  ['headroom', (row) => row.headroom],
  ['outcome', (row) => row.outcome],
  ['reason', (row) => row.reason],
  ['evidence', (row) => row.evidence],
  ['evidence_at', (row) => row.evidenceAt],
  ['evidence_age', (row) => row.evidenceAge],
  ['presumed', (row) => row.presumed],
];

/** The rows of the sequences, by RFC 4180. A spreadsheet neither computes a cell nor rounds a number. */
export function renderCsv({ configuration: { pair }, sequences }: Report): string {
  const lines = [
    columns.map(([name]) => name).join(','),
    ...sequences.map((row) =>
      columns.map(([, cell]) => csvCell(cell({ ...row, pair: row.pair ?? pair }))).join(','),
    ),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** The apostrophe tells a spreadsheet that the cell is a text. */
export function csvCell(value: Cell): string {
  const text = String(value ?? '');
  const isNumber = /^-?\d+$/u.test(text);
  const isText = isNumber ? text.replace('-', '').length > 15 : /^[=+\-@\t\r]/u.test(text);
  const cell = isText ? `'${text}` : text;
  return /[",\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
