import picocolors from 'picocolors';

export type Format = 'text' | 'json';

/** Where a command writes: results to stdout, everything else to stderr. */
export class Output {
  /** Without colours where stdout is no terminal, and with NO_COLOR. */
  readonly colors = process.stdout.isTTY ? picocolors : picocolors.createColors(false);

  /** @param format `json` prints one JSON value and nothing else on stdout */
  constructor(readonly format: Format) {}

  /** Whether stdout is a terminal that can show a screen, and nobody wants JSON there. */
  get isLive(): boolean {
    return process.stdout.isTTY && this.format === 'text' && process.env['TERM'] !== 'dumb';
  }

  /** Columns of the terminal, or of a page of text. */
  get width(): number {
    return process.stdout.isTTY ? Math.max(80, process.stdout.columns) : 100;
  }

  /** The result, in the form that was asked for. */
  result(lines: readonly string[], json: unknown): void {
    process.stdout.write(
      this.format === 'json' ? `${JSON.stringify(json, null, 2)}\n` : `${lines.join('\n')}\n`,
    );
  }

  /** What a person wants to know besides, such as what is waited for. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
