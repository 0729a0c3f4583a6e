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

  /** The width of the terminal, or of a page of text, in columns. */
  get width(): number {
    return process.stdout.isTTY ? Math.max(80, process.stdout.columns) : 100;
  }

  /** Prints the result in the requested format. */
  result(lines: readonly string[], json: unknown): void {
    process.stdout.write(
      this.format === 'json' ? `${JSON.stringify(json, null, 2)}\n` : `${lines.join('\n')}\n`,
    );
  }

  /** Prints further information for a person, such as what the command waits for. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
