import picocolors from 'picocolors';
import { fitLine } from '../terminal/fit-line.js';

export type Format = 'text' | 'json';

/** Columns. Narrower terminals break the lines themselves. */
const LEAST_WIDTH = 80;

/** The output of a command: results go to stdout, everything else to stderr. */
export class Output {
  /** Without colours if stdout is no terminal, or with NO_COLOR. */
  readonly colors = process.stdout.isTTY ? picocolors : picocolors.createColors(false);

  /** @param format `json` prints one JSON value and nothing else on stdout */
  constructor(readonly format: Format) {}

  /** Whether stdout is a terminal that can show a screen, and the output format is not JSON. */
  get isLive(): boolean {
    return process.stdout.isTTY && this.format === 'text' && process.env['TERM'] !== 'dumb';
  }

  /** The width of the terminal, also if only notes go there, or of a page of text, in columns. */
  get width(): number {
    const terminal = [process.stdout, process.stderr].find((one) => one.isTTY);
    return terminal === undefined ? 100 : Math.max(LEAST_WIDTH, terminal.columns);
  }

  /**
   * Prints the result in the requested format.
   *
   * @param file the lines are those of a file, and stay as they are
   */
  result(lines: readonly string[], json: unknown, { file = false }: { file?: boolean } = {}): void {
    if (this.format === 'json') process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    else if (file) process.stdout.write(`${lines.join('\n')}\n`);
    else print(process.stdout, lines);
  }

  /** Prints why the workflow has refused a message, where a person sees it. */
  refusal(text: string, json: unknown): void {
    if (this.format === 'json') this.result([], json);
    else this.note(this.colors.red(`Refused: ${text}`));
  }

  /** Prints further information for a person, such as what the command waits for. */
  note(text: string): void {
    print(process.stderr, [text]);
  }

  /** Prints a command for a person to copy. */
  command(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

/** Prints prose for a person. On a terminal, no line is broken inside a word. */
export function print(to: NodeJS.WriteStream, texts: readonly string[]): void {
  const lines = texts.flatMap((text) => text.split('\n'));
  const width = Math.max(LEAST_WIDTH, to.columns);
  const shown = to.isTTY ? lines.flatMap((line) => fitLine(line, width)) : lines;
  to.write(`${shown.join('\n')}\n`);
}
