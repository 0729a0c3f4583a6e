import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import type { Colors } from 'picocolors/types.js';
import { plural } from '../../contract/plural.js';
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

/**
 * How long a line stays on a terminal that becomes lower: a `detail`, such as a server or a step that is done, goes first, from the last to the
 * first; then a `fact`, such as the headroom, from the first to the last. What is `needed` says what happens and what is waited for.
 */
export type Rank = 'detail' | 'fact' | 'needed';

/** A line of the head of a screen. */
export interface HeadLine {
  line: string;
  rank: Rank;
}

export const ranked = (rank: Rank, lines: readonly string[]): HeadLine[] =>
  lines.map((line) => ({ line, rank }));

/** The parts of a live screen, from top to bottom. */
export interface ScreenParts {
  head: readonly HeadLine[];
  body: {
    /** The lines that it needs for the blocks with their remedies. Details and facts of the head make room for them. */
    needed: number;
    /** As many lines as fit. The last of them says what was left out. */
    lines: (room: number) => readonly string[];
  };
  /** The next steps of a person. On a low terminal the first one stays. */
  steps: readonly string[];
}

/**
 * The lines of a screen. No line is wider than the terminal, and there are fewer lines than the terminal has rows. So nothing scrolls, and
 * each line can be redrawn in place.
 */
export function fitScreen({ head, body, steps }: ScreenParts, canvas: Canvas): string[] {
  // The cursor is in the row below the last line.
  const rows = Math.max(1, canvas.height - 1);
  const next = nextOnScreen(steps, canvas);
  const foot = next.length === 0 ? [] : ['', ...next];
  const least = head.filter(({ rank }) => rank === 'needed').length + body.needed;
  const below =
    head.length + body.needed + foot.length <= rows
      ? foot
      : (least + next.length <= rows ? next : nextOnScreen(steps.slice(0, 1), canvas)).slice(
          0,
          Math.max(1, rows - 1),
        );
  const room = rows - below.length;
  const above = cutLines(withoutDetails(head, room - body.needed, canvas), room, canvas);
  const between = body.lines(Math.max(0, room - above.length));
  return [...above, ...between, ...below].map((line) => cutLine(line, canvas.width));
}

/** The head without as many details and facts as it takes to fit into the room, as far as it can. */
function withoutDetails(head: readonly HeadLine[], room: number, { colors }: Canvas): string[] {
  const details = head.filter(({ rank }) => rank === 'detail').reverse();
  const order = [
    ...details.filter(({ line }) => line === ''),
    ...details.filter(({ line }) => line !== ''),
    ...head.filter(({ rank }) => rank === 'fact'),
  ];
  let left = head;
  const missingOf = () => head.filter((one) => one.line !== '' && !left.includes(one)).length;
  // A line says how many are missing.
  while (left.length + (missingOf() > 0 ? 1 : 0) > room && order.length > 0) {
    const next = order.shift();
    left = left.filter((one) => one !== next);
  }
  const lines = left.map(({ line }) => line);
  const missing = missingOf();
  return missing > 0 && lines.length < room ? [...lines, colors.dim(missingText(missing))] : lines;
}

const missingText = (count: number) => `… ${plural(count, 'more line')}: the terminal is not high enough`;

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
  return [...lines.slice(0, room - 1), colors.dim(missingText(left))];
}

/** `done` of `total` as a bar. */
export function bar(done: number, total: number, width: number): string {
  const filled = total === 0 ? 0 : Math.floor((done / total) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}

/** Such as "Next: approve it: …", and "or …" below it. A command that is too long for one line can still be pasted. */
export function nextOnScreen(steps: readonly string[], { colors, width }: Canvas): string[] {
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
