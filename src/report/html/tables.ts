import type { Section } from '../sections.js';
import { shownParts } from '../../findings/remedy-text.js';
import { html } from './escape.js';

const kinds: Readonly<Record<string, string>> = {
  ...{ at: 'time', until: 'time', 'primary read at': 'time', 'recorded at': 'time', 'started at': 'time' },
  ...{
    steps: 'number',
    attempts: 'number',
    round: 'number',
    events: 'number',
    milliseconds: 'number',
    sequences: 'number',
  },
  ...{ 'primary next': 'number', 'old value': 'number', target: 'number', 'new value': 'number' },
  ...{
    buffer: 'number',
    headroom: 'number',
    'least headroom': 'number',
    'calls a second': 'number',
    'suggested buffer': 'number',
    'topped up': 'number',
  },
  ...{
    'SHA-256 of the events': 'hash',
    'why it was refused': 'words',
    reason: 'words',
    accepts: 'name',
    sequence: 'name',
    message: 'words',
    remedy: 'words',
    value: 'words',
    failure: 'words',
    'known then': 'words',
  },
};

/** The class of a column, by its name. */
export const kindOf = (column: string) => kinds[column] ?? '';

/** Columns that are left out if no row has anything in them. An empty column of any other name says something by itself. */
const optional = ['until', 'steps', 'attempts', 'failure', 'accepts', 'why it was refused', 'known then'];

/**
 * A table with more than NARROW columns shows each row as a block on a narrow screen, with the title of the column before each cell. With
 * at least WORDY columns of sentences, or more than MANY columns, it does so on paper and on a screen of medium width too.
 */
const NARROW = 2;
const WORDY = 2;
const MANY = 6;

function layoutOf({ isRead }: Section, columns: readonly string[]): string {
  if (isRead === true) return 'always';
  if (columns.length <= NARROW) return '';
  const words = columns.filter((name) => kindOf(name) === 'words').length;
  return words < WORDY && columns.length <= MANY ? 'narrow' : 'medium';
}

/** What the columns mean, above a table that needs it. */
export const legendOf = ({ legend }: Section) => (legend === undefined ? '' : `<p>${html(legend)}</p>\n`);

/** Each statement and each command of a remedy is apart, so that it can be copied. */
function remedyText(remedy: string): string {
  const parts = shownParts(remedy);
  if (parts.every(({ kind }) => kind === 'prose')) return html(remedy);
  return `<div>${parts.map(({ kind, text }) => (kind === 'prose' ? html(text) : `<code>${html(text)}</code>`)).join('\n')}</div>`;
}

export function tableOf(section: Section): string {
  const { title, none } = section;
  if (section.rows.length === 0) return `<p>${html(none)}</p>`;
  const { columns, rows } = withoutEmptyColumns(section);
  const classes = columns.map((name) => (kindOf(name) === '' ? '' : ` class="${kindOf(name)}"`));
  const layout = layoutOf(section, columns);
  const labels = columns.map((name) => (layout === '' ? '' : ` data-label="${html(name)}"`));
  const head = columns.map((name, at) => `<th scope="col"${classes[at] ?? ''}>${html(name)}</th>`).join('');
  const text = (cell: string, at: number) => {
    const column = columns[at] ?? '';
    if (column === 'remedy') return remedyText(cell);
    return kindOf(column) === 'time' ? html(cell).replace('T', 'T<wbr>') : html(cell);
  };
  const line = (cells: readonly string[]) =>
    `<tr>${cells.map((cell, at) => `<td${classes[at] ?? ''}${labels[at] ?? ''}>${text(cell, at)}</td>`).join('')}</tr>`;
  // A table that is wider than the page scrolls, with the keyboard too.
  return `${legendOf(section)}<div class="scroll" tabindex="0" role="region" aria-label="${html(title)}"><table${layout === '' ? '' : ` class="blocks-${layout}"`}><thead><tr>${head}</tr></thead><tbody>
${rows.map(line).join('\n')}
</tbody></table></div>`;
}

function withoutEmptyColumns({ columns, rows }: Section): Pick<Section, 'columns' | 'rows'> {
  const isShown = (name: string, at: number) =>
    !optional.includes(name) || rows.some((row) => row[at] !== '');
  return {
    columns: columns.filter(isShown),
    rows: rows.map((row) => row.filter((_, at) => isShown(columns[at] ?? '', at))),
  };
}
