import stringWidth from 'string-width';
import { parseRemedy } from '../findings/remedy-text.js';
import { LABEL_WIDTH, isLabel } from './labelled.js';
import { PROSE_WORD } from './prose-words.js';
import { fillLines } from './wrap-words.js';

/** Colours that hold for a whole line, around its text. */
// eslint-disable-next-line no-control-regex -- such colours are control characters
const COLOURED = /^(?<on>(?:\u001b\[[\d;]*m)*)(?<text>[\s\S]*?)(?<off>(?:\u001b\[[\d;]*m)*)$/u;

/** How far the further lines of a sentence are indented, in columns. */
const HANGING = 2;

/**
 * The lines of one line on a terminal, which would otherwise break it inside a word. Prose is broken at its spaces; a statement and a command stay
 * whole, so that they can be copied. A row of a table stays as it is.
 *
 * @param width columns
 */
export function fitLine(line: string, width: number): string[] {
  if (stringWidth(line) <= width) return [line];
  const { on = '', text = '', off = '' } = COLOURED.exec(line)?.groups ?? {};
  const { first, rest, from } = marginsOf(text);
  const sentence = text.slice(from);
  if (/\S {2,}\S/u.test(sentence)) return [line];
  const [word = '', ...others] = wordsOf(sentence);
  const lines = fillLines([`${on}${first}${word}`, ...others], width, stringWidth, rest);
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${off}`];
}

/** What stands before the first line and the further ones, and where the sentence begins. */
function marginsOf(text: string): { first: string; rest: string; from: number } {
  const label = text.slice(0, LABEL_WIDTH);
  if (isLabel(label)) return { first: label, rest: ' '.repeat(LABEL_WIDTH), from: LABEL_WIDTH };
  const [first = ''] = /^(?:Next: | *)/u.exec(text) ?? [];
  return { first, rest: ' '.repeat(first.length + HANGING), from: first.length };
}

/** The words of prose; a statement, and a command, is one word. */
function wordsOf(sentence: string): string[] {
  const words: string[] = [];
  let before = ' ';
  for (const { kind, text } of parseRemedy(sentence)) {
    const [first = '', ...others] = kind === 'prose' ? (text.match(PROSE_WORD) ?? []) : [text.trim()];
    const isOneWord = words.length > 0 && !/\s$/u.test(before) && !/^\s/u.test(text);
    if (isOneWord) words.push(`${words.pop() ?? ''}${first}`, ...others);
    else words.push(first, ...others);
    before = text;
  }
  return words.filter((word) => word !== '');
}
