import { printable } from './printable.js';

/** Columns of the label and the space after it. */
export const LABEL_WIDTH = 11;

/** A line `label      text`; none without a text. Whatever the text holds is made harmless. */
export function labelled(label: string, text: string | null): string[] {
  return text === null ? [] : [`${label.padEnd(LABEL_WIDTH - 1)} ${printable(text)}`];
}
