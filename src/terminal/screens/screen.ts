import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import type { Colors } from 'picocolors/types.js';
import { wrap } from '../text-table.js';

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

/** What a live screen shows, from top to bottom. */
export interface ScreenParts {
  head: readonly string[];
  /** What may be cut: as many lines as there is room for, the last of which says what was left out. */
  body: (room: number) => readonly string[];
  /** What to do next. It stays on a low terminal, where the head is cut. */
  foot: readonly string[];
}

/**
 * The lines of a screen. None is wider than the terminal, and there are fewer of them than the terminal has rows, so that nothing scrolls
 * and each can be written over in place.
 */
export function fitScreen({ head, body, foot }: ScreenParts, canvas: Canvas): string[] {
  // The cursor stands in the row below the last line.
  const rows = Math.max(1, canvas.height - 1);
  const below = foot.slice(0, Math.max(1, rows - 1));
  const above = cutLines(head, rows - below.length, canvas);
  const between = body(Math.max(0, rows - below.length - above.length));
  return [...above, ...between, ...below].map((line) => cutLine(line, canvas.width));
}

/** Libraries do not agree on the width of rare characters: the widest opinion counts. */
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

/** Such as "Next: approve it: …", and "or …" below it; a long command is broken at its spaces. */
export function nextLines(steps: readonly string[], { colors, width }: Canvas): string[] {
  const indent = ' '.repeat('Next: '.length);
  return steps.flatMap((step, at) => {
    const whole = wrap(step, width - indent.length);
    const [first = '', ...rest] = whole.length === 1 ? whole : wrap(step, width - indent.length - 2);
    return [
      at === 0 ? `${colors.bold('Next:')} ${first}` : `${indent}${first}`,
      ...rest.map((line) => `${indent}  ${line}`),
    ];
  });
}
