import { printable } from '../contract/printable.js';

/** Columns of the label and the space after it. */
export const LABEL_WIDTH = 11;

/** A line `label      text`; no line without a text. Control characters in the text are escaped. */
export function labelled(label: string, text: string | null): string[] {
  return text === null ? [] : [`${label.padEnd(LABEL_WIDTH - 1)} ${printable(text)}`];
}

/** Whether the first {@link LABEL_WIDTH} columns of a line are a label, or the space below one. */
export const isLabel = (text: string): boolean => /^(?:[a-z][a-z ]* {2,}|not before | {11})$/u.test(text);
