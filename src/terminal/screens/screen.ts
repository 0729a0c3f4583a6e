import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import type { Colors } from 'picocolors/types.js';
import { wrap } from '../text-table.js';
import { splitAtCommand, wrapCommand } from '../wrap-command.js';

/** The size of a terminal, its colours, and the time at which the screen is drawn. */
export interface Canvas {
  colors: Colors;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The parts of a live screen, from top to bottom. */
export interface ScreenParts {
  head: readonly string[];
  /** A part that may be cut: as many lines as fit. The last of them says what was left out. */
  body: (room: number) => readonly string[];
  /** The next step. On a low terminal it stays, and the head is cut. */
  foot: readonly string[];
}

/**
 * The lines of a screen. No line is wider than the terminal, and there are fewer lines than the terminal has rows. So nothing scrolls, and
 * each line can be redrawn in place.
 */
export function fitScreen({ head, body, foot }: ScreenParts, canvas: Canvas): string[] {
  // The cursor is in the row below the last line.
  const rows = Math.max(1, canvas.height - 1);
  const below = foot.slice(0, Math.max(1, rows - 1));
  const above = cutLines(head, rows - below.length, canvas);
  const between = body(Math.max(0, rows - below.length - above.length));
  return [...above, ...between, ...below].map((line) => cutLine(line, canvas.width));
}

/** Libraries disagree about the width of rare characters, so the largest width counts. */
function cutLine(line: string, width: number): string {
  for (let wanted = width; wanted > 0; wanted--) {
    const cut = cliTruncate(line, wanted);
    if (stringWidth(cut) <= width) return cut;
  }
  return '';
}

function cutLines(lines: readonly string[], room: number, { colors }: Canvas): readonly string[] {
  if (lines.length <= room) return lines;
  if (room <= 0) return [];
  const left = lines.length - room + 1;
  return [...lines.slice(0, room - 1), colors.dim(`… ${left} more lines: the terminal is not high enough`)];
}

/** `done` of `total` as a bar. */
export function bar(done: number, total: number, width: number): string {
  const filled = total === 0 ? 0 : Math.floor((done / total) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}

/** Such as "Next: approve it: …", and "or …" below it. A command that is too long for one line can still be pasted. */
export function nextLines(steps: readonly string[], { colors, width }: Canvas): string[] {
  const indent = ' '.repeat('Next: '.length);
  return steps.flatMap((step, at) => {
    const room = width - indent.length;
    const whole = wrap(step, room);
    const parts = splitAtCommand(step);
    const broken =
      parts === null
        ? wrap(step, room - 2)
        : [...wrap(parts.before, room - 2), ...wrapCommand(parts.command, room - 2)];
    const [first = '', ...rest] = whole.length === 1 ? whole : broken;
    return [
      at === 0 ? `${colors.bold('Next:')} ${first}` : `${indent}${first}`,
      ...rest.map((line) => `${indent}  ${line}`),
    ];
  });
}
