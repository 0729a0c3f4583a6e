import { clearScreenDown, cursorTo } from 'node:readline';
import { createLogUpdate } from 'log-update';
import type { Canvas } from '../../terminal/screens/screen.js';
import type { Output } from '../output.js';

/** Milliseconds between two drawings. Ages and remaining times change even if nothing else does. */
const intervalMs = 1_000;

/** A part of the terminal that is redrawn in place until it is closed. */
export class LiveScreen {
  readonly #stream = process.stdout;
  readonly #update = createLogUpdate(this.#stream);
  readonly #timer: NodeJS.Timeout;

  /** @param draw the lines, none of them wider than the terminal, and fewer of them than it has rows */
  constructor(
    private readonly output: Output,
    private readonly draw: (canvas: Canvas) => readonly string[],
  ) {
    this.#timer = setInterval(() => {
      this.redraw();
    }, intervalMs);
    this.#stream.on('resize', this.#resized);
  }

  redraw(): void {
    const { columns: width, rows: height } = this.#stream;
    const canvas = { colors: this.output.colors, width, height, now: Date.now() };
    const lines = this.draw(canvas);
    // log-update 7.2 writes only the lines that differ, and misplaces them when their number changes, or when somebody presses Enter.
    this.#stream.cork();
    this.#update.clear();
    this.#update(lines.join('\n'));
    this.#stream.uncork();
  }

  /**
   * Shows the cursor again.
   *
   * @param last whether the last drawing stays or is erased
   */
  close(last: 'keep' | 'erase'): void {
    clearInterval(this.#timer);
    this.#stream.off('resize', this.#resized);
    if (last === 'erase') this.#update.clear();
    this.#update.done();
  }

  /** When the terminal becomes narrower, it wraps the lines by itself. Then their positions are not known. */
  readonly #resized = () => {
    this.#update.done();
    cursorTo(this.#stream, 0, 0);
    clearScreenDown(this.#stream);
    this.redraw();
  };
}
