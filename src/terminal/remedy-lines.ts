import stringWidth from 'string-width';
import { printable } from '../contract/printable.js';
import { type RemedyPart, shownParts, splitNextStep } from '../findings/remedy-text.js';
import { PROSE_WORD } from './prose-words.js';
import { wrapCommand } from './wrap-command.js';
import { wrapWords } from './wrap-words.js';

export interface RemedyLayout {
  /** Columns. */
  width: number;
  /**
   * Whether statements and commands may be broken where a line break does no harm, a command with backslashes: for a screen, which cuts long
   * lines.
   */
  wrapsCode?: boolean;
}

/**
 * The lines of a remedy below what it is for, two columns from the left; none for an empty remedy. Prose is wrapped. Below it, each statement and
 * each command has a line of its own, so that it can be copied. A short command stays on the line of its prose.
 */
export function remedyLines(remedy: string, layout: RemedyLayout): string[] {
  if (remedy === '') return [];
  const { remedy: fix, next } = splitNextStep(remedy);
  const then = next === null ? [] : [`then ${next.replace(/^run (?=sequence-failover )/u, 'run: ')}`];
  return [fix, ...then].flatMap((step) => linesOfStep(printable(step), layout));
}

const CODE_INDENT = '      ';

function linesOfStep(step: string, { width, wrapsCode = false }: RemedyLayout): string[] {
  const whole = `  → ${step}`;
  const parts = shownParts(step);
  if (parts.length <= 2 && parts.at(-1)?.kind === 'command' && stringWidth(whole) <= width) return [whole];
  return parts.flatMap((part, at) => {
    const first = at === 0 ? '  → ' : '    ';
    if (part.kind === 'prose') return indented(wrapProse(part.text, width - 4), first);
    const lines = wrapsCode ? wrapCode(part, width - CODE_INDENT.length) : [part.text];
    return indented(lines, at === 0 ? first : CODE_INDENT, CODE_INDENT);
  });
}

const indented = (lines: readonly string[], first: string, others = '    ') =>
  lines.map((line, at) => `${at === 0 ? first : others}${line}`);

/** Wraps prose at its spaces, but not inside JSON or quotes, in which a line break would count. */
const wrapProse = (text: string, width: number): string[] => wrapWords(text, width, stringWidth, PROSE_WORD);

/** What a statement is made of: quoted texts, in which a line break would count, stay whole. */
const CODE_WORD = /(?:'(?:[^'\\]|\\.)*'|"[^"]*"|\S)+/gu;

function wrapCode({ kind, text }: RemedyPart, width: number): string[] {
  return kind === 'command' ? wrapCommand(text, width) : wrapWords(text, width, stringWidth, CODE_WORD);
}
