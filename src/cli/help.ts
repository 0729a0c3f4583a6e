import type { Command } from 'commander';
import { wrapWords } from '../terminal/wrap-words.js';

/** The text below the options in the help of a command. */
export interface HelpText {
  /** Paragraphs. */
  about?: readonly string[];
  /** The exit codes, as in "0 when the gate is open". */
  endsWith?: readonly string[];
  /** Commands as they can be pasted; they begin with `sequence-failover`. */
  examples: readonly string[];
}

/** Wider lines are hard to read. */
const WIDEST = 100;

/** All help is ASCII. The tables that measure other characters take long to load. */
const wrap = (text: string, width: number) => wrapWords(text, width, ({ length }) => length);

/** Adds paragraphs that are as wide as the terminal, the exit codes and the examples to the help of a command. */
export function help(command: Command, { about = [], endsWith = [], examples }: HelpText): void {
  command.addHelpText('after', () => {
    const width = Math.min(WIDEST, command.configureOutput().getOutHelpWidth?.() ?? 80);
    const paragraphs = about.flatMap((paragraph) => ['', ...wrap(paragraph, width)]);
    const codes = endsWith.flatMap((code) => {
      const [first = '', ...rest] = wrap(code, width - 2);
      return [`  ${first}`, ...rest.map((line) => `     ${line}`)];
    });
    return [
      ...paragraphs,
      ...(codes.length === 0 ? [] : ['', 'Exit codes:', ...codes]),
      '',
      examples.length === 1 ? 'Example:' : 'Examples:',
      ...examples.map((example) => `  $ ${example.replace('sequence-failover', nameOf(command))}`),
    ].join('\n');
  });
}

/** The name by which it was called: `sequence-failover` or `temporal sequences`. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : nameOf(command.parent);
}
