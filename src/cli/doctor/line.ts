import type { Output } from '../output.js';
import { printable } from '../../terminal/printable.js';

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

/** One line for each, and its remedy below it, which can be copied whole. */
export function printed(lines: readonly Line[], { colors }: Output): string[] {
  const color = { ok: colors.green, warning: colors.yellow, failure: colors.red };
  const width = Math.max(...lines.map(({ subject }) => subject.length));
  return lines.flatMap(({ state, subject, text, remedy }) => [
    `${color[state](state.padEnd(7))}  ${printable(subject).padEnd(width)}  ${printable(text)}`,
    ...(remedy === '' ? [] : [colors.dim(`${' '.repeat(9)}→ ${printable(remedy)}`)]),
  ]);
}
