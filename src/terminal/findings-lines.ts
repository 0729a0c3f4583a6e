import { bySeverity } from '../contract/finding-properties.js';
import type { Colors } from 'picocolors/types.js';
import type { Finding } from '../contract/status.js';
import { printable } from '../contract/printable.js';
import { remedyLines } from './remedy-lines.js';
import { wrap } from './text-table.js';

/** The width of the lines, and the colours of the terminal. */
export interface Layout {
  colors: Colors;
  /** Columns. */
  width: number;
}

/** The findings of a run, a fleet or a promotion. */
export type AnyFinding = Pick<Finding, 'severity' | 'message' | 'remedy'> & { code: string };

/** One finding: its code, what happened, and the remedy, which can be copied as a whole. */
export function findingLines(finding: AnyFinding, layout: Layout): string[] {
  const { message, remedy } = finding;
  return [
    titleOf(finding, layout),
    ...wrap(printable(message), layout.width - 2).map((line) => `  ${line}`),
    ...remedyLines(remedy, layout).map((line) => layout.colors.dim(line)),
  ];
}

/** A remedy of so many lines is shown every time: a reference to another finding would not be shorter to read. */
const REPEATED_LINES = 3;

/** All findings, the blocks first. A long remedy is shown once. */
export function findingsLines(findings: readonly AnyFinding[], layout: Layout): string[] {
  const shown = new Map<string, { code: string; number: number }>();
  const counts = new Map<string, number>();
  return blocksFirst(findings).flatMap((finding) => {
    const { code, remedy } = finding;
    const same = shown.get(remedy);
    const before = counts.get(same?.code ?? code) ?? 0;
    const number = (counts.get(code) ?? 0) + 1;
    counts.set(code, number);
    if (same !== undefined) {
      const which = before === 1 ? same.code : `number ${same.number} of the findings ${same.code}`;
      return ['', ...findingLines({ ...finding, remedy: `do the same as for ${which} above` }, layout)];
    }
    if (remedyLines(remedy, layout).length > REPEATED_LINES) shown.set(remedy, { code, number });
    return ['', ...findingLines(finding, layout)];
  });
}

/**
 * As many findings as fit on a screen, blocks first: in full if possible, otherwise one line each. A last line says what was left out.
 *
 * @param whole the command that shows all of them
 */
export function findingsWithin(
  findings: readonly AnyFinding[],
  layout: Layout,
  { room, whole: command }: { room: number; whole: string },
): string[] {
  if (room <= 0) return [];
  const sorted = blocksFirst(findings);
  const full = sorted.map((finding) => onScreen(finding, layout));
  if (full.flat().length <= room) return full.flat();
  if (room === 1 && sorted.length === 1) return sorted.map((finding) => inOneLine(finding, layout));
  const shown = shownWithin(sorted, layout, room - 1);
  const parts = shown.map((finding) => [inOneLine(finding, layout)]);
  let left = room - 1 - parts.length;
  for (const index of parts.keys()) {
    const whole = full[index] ?? [];
    // What to do is worth more than the whole message.
    const short = [...(parts[index] ?? []), ...remedyOnScreen(shown[index]?.remedy ?? '', layout)];
    const lines = [whole, short].find(({ length }) => length - 1 <= left);
    if (lines === undefined) continue;
    left -= lines.length - 1;
    parts[index] = lines;
  }
  const short = parts.filter(({ length }, index) => length < (full[index] ?? []).length).length;
  return [...parts.flat(), layout.colors.dim(leftOut(sorted.slice(shown.length), short, command))];
}

/** The findings of which there is at least a line: a block with what to do goes before a line about another finding. */
function shownWithin(sorted: readonly AnyFinding[], layout: Layout, room: number): AnyFinding[] {
  const blocks = sorted.filter(({ severity }) => severity === 'block');
  const withRemedies = blocks.flatMap((finding) => ['', ...remedyOnScreen(finding.remedy, layout)]).length;
  const others = Math.max(0, room - Math.max(withRemedies, blocks.length));
  return [...blocks.slice(0, room), ...sorted.slice(blocks.length, blocks.length + others)];
}

function blocksFirst(findings: readonly AnyFinding[]): AnyFinding[] {
  return [...findings].sort(bySeverity);
}

function titleOf({ severity, code }: AnyFinding, { colors }: Layout): string {
  const color = { block: colors.red, warn: colors.yellow, info: colors.cyan }[severity];
  return `${color(severity)} ${colors.bold(code)}`;
}

function inOneLine(finding: AnyFinding, layout: Layout): string {
  return `${titleOf(finding, layout)} ${printable(finding.message)}`;
}

/** Like {@link findingLines}, with the remedy wrapped into lines, since a screen cuts longer ones. */
function onScreen(finding: AnyFinding, layout: Layout): string[] {
  return [
    titleOf(finding, layout),
    ...wrap(printable(finding.message), layout.width - 2).map((line) => `  ${line}`),
    ...remedyOnScreen(finding.remedy, layout),
  ];
}

function remedyOnScreen(remedy: string, { width, colors }: Layout): string[] {
  return remedyLines(remedy, { width, wrapsCode: true }).map((line) => colors.dim(line));
}

/** The lines of the blocks on a screen, each in full, and of what says how many other findings there are. */
export function blocksHeight(findings: readonly AnyFinding[], layout: Layout): number {
  const blocks = findings.filter(({ severity }) => severity === 'block');
  const lines = blocks.flatMap((finding) => onScreen(finding, layout)).length;
  return lines + (blocks.length < findings.length ? 1 : 0);
}

function leftOut(missing: readonly AnyFinding[], short: number, whole: string): string {
  const blocks = missing.filter(({ severity }) => severity === 'block').length;
  const which = blocks === 0 ? '' : blocks === 1 ? ' (1 block)' : ` (${blocks} blocks)`;
  const parts = [
    ...(missing.length === 0 ? [] : [`${missing.length} more${which}`]),
    ...(short === 0 ? [] : [`${short} cut short`]),
  ];
  return `… ${parts.join(', ')}: ${printable(whole)}`;
}
