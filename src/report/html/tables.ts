import type { Section } from '../sections.js';
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
  },
};

/** The class of a column, by its name. */
export const kindOf = (column: string) => kinds[column] ?? '';

export function tableOf({ title, columns, rows, none }: Section): string {
  if (rows.length === 0) return `<p>${html(none)}</p>`;
  const classes = columns.map((name) => (kindOf(name) === '' ? '' : ` class="${kindOf(name)}"`));
  const head = columns.map((name, at) => `<th scope="col"${classes[at] ?? ''}>${html(name)}</th>`).join('');
  const line = (cells: readonly string[]) =>
    `<tr>${cells.map((cell, at) => `<td${classes[at] ?? ''}>${html(cell)}</td>`).join('')}</tr>`;
  // A table that is wider than the page scrolls, with the keyboard too.
  return `<div class="scroll" tabindex="0" role="region" aria-label="${html(title)}"><table><thead><tr>${head}</tr></thead><tbody>
${rows.map(line).join('\n')}
</tbody></table></div>`;
}
