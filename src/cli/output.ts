import picocolors from 'picocolors';

export type Format = 'text' | 'json';

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
    return terminal === undefined ? 100 : Math.max(80, terminal.columns);
  }

  /** Prints the result in the requested format. */
  result(lines: readonly string[], json: unknown): void {
    process.stdout.write(
      this.format === 'json' ? `${JSON.stringify(json, null, 2)}\n` : `${lines.join('\n')}\n`,
    );
  }

  /** Prints why the workflow has refused a message, where a person sees it. */
  refusal(text: string, json: unknown): void {
    if (this.format === 'json') this.result([], json);
    else this.note(this.colors.red(`Refused: ${text}`));
  }

  /** Prints further information for a person, such as what the command waits for. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
