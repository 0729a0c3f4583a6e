import * as clack from '@clack/prompts';
import picocolors from 'picocolors';
import { wrap } from '../terminal/text-table.js';

/** The output of the demo: with a spinner and colours on a terminal, otherwise as plain lines. */
export class Screen {
  /** Whether a person is there to answer. */
  readonly interactive = process.stdin.isTTY && process.stdout.isTTY;
  /** No colours if the output is not a terminal, or with NO_COLOR. */
  readonly colors = process.stdout.isTTY ? picocolors : picocolors.createColors(false);
  #spinner: clack.SpinnerResult | undefined;

  /** Characters in a line of text. */
  get width(): number {
    const columns = process.stdout.isTTY ? process.stdout.columns : 80;
    return Math.max(40, Math.min(columns, 100) - 4);
  }

  intro(title: string): void {
    clack.intro(this.colors.bold(title));
  }

  /** Shows `doing` during the work, and then the lines that `done` makes from its result. */
  async step<T>(
    doing: string,
    work: (update: (doing: string) => void) => Promise<T>,
    done: (result: T) => readonly [string, ...string[]],
  ): Promise<T> {
    if (!process.stdout.isTTY) {
      let last = '';
      const result = await work((update) => {
        if (update !== last) clack.log.message(update, { spacing: last === '' ? 1 : 0 });
        last = update;
      });
      const [first, ...others] = done(result);
      clack.log.step(first);
      for (const line of others) clack.log.step(line, { spacing: 0 });
      return result;
    }
    const spinner = clack.spinner();
    this.#spinner = spinner;
    // The spinner's line must fit on the screen, because the rest of a longer one would not be erased.
    const fit = (text: string) => (text.length > this.width - 4 ? `${text.slice(0, this.width - 5)}…` : text);
    spinner.start(fit(doing));
    const result = await work((update) => {
      spinner.message(fit(update));
    });
    this.#spinner = undefined;
    const [first, ...others] = done(result);
    spinner.stop(first);
    for (const line of others) clack.log.step(line, { spacing: 0 });
    return result;
  }

  heading(text: string): void {
    clack.log.info(this.#wrapped([this.colors.bold(text)]).join('\n'));
  }

  /** Lines that stay as they are, such as those of a table. */
  lines(lines: readonly string[]): void {
    clack.log.message([...lines]);
  }

  /** Paragraphs, broken between words. */
  prose(...paragraphs: readonly string[]): void {
    this.lines(this.#wrapped(paragraphs));
  }

  success(text: string): void {
    clack.log.success(wrap(text, this.width).join('\n'));
  }

  warn(lines: readonly string[]): void {
    clack.log.warn(this.#wrapped(lines).join('\n'));
  }

  /** Lines from the left margin on, so that they can be copied. */
  verbatim(lines: readonly string[]): void {
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }

  outro(text: string): void {
    clack.outro(text);
  }

  /** @returns null if the person pressed Ctrl+C or Escape, or if the signal has withdrawn the question */
  async confirm(message: string, signal: AbortSignal): Promise<boolean | null> {
    const answer = await clack.confirm({ message, active: 'Approve', inactive: 'Reject', signal });
    return clack.isCancel(answer) ? null : answer;
  }

  /**
   * Ends a step that is still shown as running.
   *
   * @returns false if there is none
   */
  interrupt(text: string): boolean {
    const interrupted = this.#spinner !== undefined;
    this.#spinner?.error(text);
    this.#spinner = undefined;
    return interrupted;
  }

  #wrapped(paragraphs: readonly string[]): string[] {
    return paragraphs.flatMap((paragraph) => wrap(paragraph, this.width));
  }

  failure(lines: readonly string[]): void {
    clack.log.error(lines.join('\n'), { output: process.stderr });
  }
}
