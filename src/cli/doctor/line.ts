import type { Output } from '../output.js';
import { printable } from '../../contract/printable.js';
import { remedyLines } from '../../terminal/remedy-lines.js';
import { wrap } from '../../terminal/text-table.js';

/** The result of one check of the doctor. */
export interface Line {
  state: 'ok' | 'warning' | 'failure';
  subject: string;
  text: string;
  /** The complete next step; empty if there is none, or if the text contains it. */
  remedy: string;
}

export const ok = (subject: string, text: string): Line => ({ state: 'ok', subject, text, remedy: '' });
export const warning = (subject: string, text: string, remedy: string): Line => ({
  ...{ state: 'warning', subject, text, remedy },
});
export const failure = (subject: string, text: string, remedy: string): Line => ({
  ...{ state: 'failure', subject, text, remedy },
});

/** The columns of a state. */
const STATE_WIDTH = 7;

/** The text of each, wrapped, and its remedy below it, with each statement and command whole, so that it can be copied. */
export function printed(
  lines: readonly Line[],
  { colors, width: total }: Pick<Output, 'colors' | 'width'>,
): string[] {
  const color = { ok: colors.green, warning: colors.yellow, failure: colors.red };
  const width = Math.max(...lines.map(({ subject }) => subject.length));
  const indent = STATE_WIDTH + width + 4;
  return lines.flatMap(({ state, subject, text, remedy }) => {
    const [first = '', ...rest] = wrap(printable(text), total - indent);
    return [
      `${color[state](state.padEnd(STATE_WIDTH))}  ${printable(subject).padEnd(width)}  ${first}`,
      ...rest.map((line) => `${' '.repeat(indent)}${line}`),
      ...remedyLines(remedy, { width: total - STATE_WIDTH }).map((line) =>
        colors.dim(`${' '.repeat(STATE_WIDTH)}${line}`),
      ),
    ];
  });
}
