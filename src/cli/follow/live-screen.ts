import { clearLine, clearScreenDown, cursorTo } from 'node:readline';
import { createLogUpdate } from 'log-update';
import type { Canvas } from '../../terminal/screens/screen.js';
import type { Output } from '../output.js';

/** Milliseconds between two drawings. Ages and remaining times change even if nothing else does. */
const INTERVAL_MS = 1_000;

/**
 * The terminal from its first row on, redrawn until it is closed. What was on it before is scrolled away, not erased. So Enter, or a terminal that
 * becomes narrower and wraps the lines by itself, may move the lines, and the next drawing is in its place all the same.
 */
export class LiveScreen {
  readonly #stream = process.stdout;
  readonly #update = createLogUpdate(this.#stream);
  readonly #timer: NodeJS.Timeout;

  /** @param draw the lines, none of them wider than the terminal, and fewer of them than it has rows */
  constructor(
    private readonly output: Output,
    private readonly draw: (canvas: Canvas) => readonly string[],
  ) {
    this.#stream.write('\n'.repeat(Math.max(0, this.#stream.rows - 1)));
    this.#timer = setInterval(this.#redraw, INTERVAL_MS);
    this.#stream.on('resize', this.#redraw);
  }

  redraw(): void {
    const { columns: width, rows: height } = this.#stream;
    const canvas = { colors: this.output.colors, width, height, now: Date.now() };
    const lines = this.draw(canvas);
    this.#stream.cork();
    this.#clear();
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
    this.#stream.off('resize', this.#redraw);
    if (last === 'erase') this.#clear();
    this.#update.done();
  }

  readonly #redraw = () => {
    this.redraw();
  };

  /** log-update 7.2 writes only the lines that differ, unless it was cleared, and looks for the old ones above the cursor. */
  #clear(): void {
    cursorTo(this.#stream, 0, 0);
    this.#update.clear();
    // In one go from the first row on, tmux would move a copy of the screen into its history, which would soon have nothing else.
    clearLine(this.#stream, 0);
    cursorTo(this.#stream, 0, 1);
    clearScreenDown(this.#stream);
    cursorTo(this.#stream, 0, 0);
  }
}
