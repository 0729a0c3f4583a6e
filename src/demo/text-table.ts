export interface Column<Row> {
  /** One entry a line, the same number in all columns. */
  readonly title: readonly string[];
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

/** Lines of a table for a terminal: titles, a rule, one line a row; columns are as wide as their widest cell. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = columns.map(({ title, align, cell }) => {
    const texts = [...title, ...rows.map(cell)];
    const width = Math.max(...texts.map((text) => text.length));
    return texts.map((text) => (align === 'left' ? text.padEnd(width) : text.padStart(width)));
  });
  const lines = (cells[0] ?? []).map((_, line) => cells.map((column) => column[line] ?? '').join('  '));
  const titles = columns[0]?.title.length ?? 0;
  const rule = '─'.repeat(lines[0]?.length ?? 0);
  return [...lines.slice(0, titles), rule, ...lines.slice(titles)].map((line) => line.trimEnd());
}

/** Breaks a text at its spaces into lines of at most `width` characters; a longer word gets a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
