import stringWidth from 'string-width';
import { wrapWords } from './wrap-words.js';

export interface Column<Row> {
  /** One entry per row; every column has the same number of entries. */
  readonly title: readonly string[];
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

/** The lines of a table for a terminal: titles, a rule, one line per row. A column is as wide as its widest cell. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = columns.map(({ title, align, cell }) => {
    const texts = [...title, ...rows.map(cell)];
    const widths = texts.map((text) => stringWidth(text));
    const width = Math.max(...widths);
    return texts.map((text, line) => {
      const padding = ' '.repeat(width - (widths[line] ?? 0));
      return align === 'left' ? text + padding : padding + text;
    });
  });
  const lines = (cells[0] ?? []).map((_, line) => cells.map((column) => column[line] ?? '').join('  '));
  const titles = columns[0]?.title.length ?? 0;
  const rule = '─'.repeat(stringWidth(lines[0] ?? ''));
  return [...lines.slice(0, titles), rule, ...lines.slice(titles)].map((line) => line.trimEnd());
}

/**
 * A table that is at most as wide as a terminal, as far as its cells allow that. If it is wider, the cells of the last column have lines of
 * their own, below their rows. If that is not enough, the cells of the first column have lines of their own too, above their rows.
 *
 * @param last its cell is not broken into lines if `whole` says so
 */
export function textTableWithin<Row>(
  columns: readonly Column<Row>[],
  last: Column<Row> & { whole?: true },
  rows: readonly Row[],
  width: number,
): string[] {
  const fits = (table: readonly string[]) => table.every((line) => stringWidth(line) <= width);
  const table = textTable([...columns, last], rows);
  if (fits(table)) return table;
  const without = textTable(columns, rows);
  const [first, ...others] = columns;
  const apart = fits(without) || others.length === 0 ? undefined : first;
  const lines = apart === undefined ? without : textTable(others, rows).map((line) => `  ${line}`);
  const titles = lines.slice(0, lines.length - rows.length);
  const below = (text: string) => (last.whole ? [text] : wrap(text, width - 2)).map((line) => `  ${line}`);
  const body = rows.flatMap((row, at) => {
    const text = last.cell(row);
    return [
      ...(apart === undefined ? [] : [apart.cell(row)]),
      lines[titles.length + at] ?? '',
      ...(text === '' ? [] : below(text)),
    ];
  });
  return [...(apart === undefined ? [] : [apart.title.at(-1) ?? '']), ...titles, ...body];
}

/** Wraps a text at its spaces into lines of at most `width` columns of a terminal. A longer word gets a line of its own. */
export const wrap = (text: string, width: number): string[] => wrapWords(text, width, stringWidth);
