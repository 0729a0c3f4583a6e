import { afterEach, expect, it, vi } from 'vitest';
import { LiveScreen } from '../../../src/cli/follow/live-screen.js';
import { Output } from '../../../src/cli/output.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A terminal of six rows that knows the control sequences of a live screen, and what has scrolled out of it. */
class Terminal {
  readonly scrolledAway: string[] = [];
  rows: string[] = Array.from({ length: 6 }, () => '');
  #row = 0;

  write(text: string): void {
    // eslint-disable-next-line no-control-regex -- control sequences
    for (const [part] of text.matchAll(/\u001B\[\??([\d;]*)[A-Za-z]|[^\u001B]/gu)) this.#take(part);
  }

  #take(part: string): void {
    const count = Number(/\d+/u.exec(part)?.[0] ?? 1);
    if (part === '\n') this.#down();
    else if (part.endsWith('H')) this.#row = count - 1;
    else if (!part.startsWith('\u001B')) this.rows[this.#row] = `${this.rows[this.#row] ?? ''}${part}`;
    else if (part.endsWith('A')) this.#row = Math.max(0, this.#row - count);
    else if (part.endsWith('K')) this.rows[this.#row] = '';
    else if (part.endsWith('J')) this.#eraseDown();
  }

  /** Like tmux, which keeps a screen that is erased as a whole. */
  #eraseDown(): void {
    if (this.#row === 0) this.scrolledAway.push(...this.rows);
    this.rows = this.rows.map((row, at) => (at < this.#row ? row : ''));
  }

  #down(): void {
    this.#row += 1;
    if (this.#row < this.rows.length) return;
    this.#row -= 1;
    this.scrolledAway.push(this.rows.shift() ?? '');
    this.rows.push('');
  }
}

it.each([
  ['a few lines', ['one', 'two']],
  ['as many lines as a terminal has', ['one', 'two', 'three', 'four', 'five']],
])('shows %s once, whatever Enter has moved, and keeps what was there before', (_, lines) => {
  const terminal = new Terminal();
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    terminal.write(String(text));
    return true;
  });
  vi.spyOn(process.stdout, 'cork').mockImplementation(() => undefined);
  Object.defineProperty(process.stdout, 'rows', { value: 6, configurable: true });
  const shown = [...lines, ...Array.from({ length: 6 - lines.length }, () => '')];
  terminal.write('$ sequence-failover watch\n');
  const screen = new LiveScreen(new Output('text'), () => lines);
  screen.redraw();
  screen.redraw();
  expect(terminal.rows).toEqual(shown);
  expect(terminal.scrolledAway).toEqual(['$ sequence-failover watch']);
  terminal.write('\n\n\n');
  screen.redraw();
  expect(terminal.rows).toEqual(shown);
  screen.close('keep');
});
