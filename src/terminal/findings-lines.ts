import { bySeverity } from '../contract/finding-properties.js';
import type { Colors } from 'picocolors/types.js';
import type { Finding } from '../contract/status.js';
import { printable } from '../contract/printable.js';
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
    ...stepsOf(remedy)
      .flatMap((step) => inLines(step, layout))
      .map((line) => layout.colors.dim(line)),
  ];
}

/** Prose is wrapped. A statement or a command stays on one line, so that it can be copied. */
function inLines(step: string, { width }: Layout): string[] {
  const text = `→ ${printable(step)}`;
  return indented(HAS_CODE.test(step) ? [text] : wrap(text, width - 4));
}

const indented = (lines: readonly string[]) => lines.map((line, at) => `${at === 0 ? '  ' : '    '}${line}`);

/** A statement, JSON, a setting, an option, or the name of a program. */
const HAS_CODE =
  /\b(?:ALTER|ANALYZE|COMMIT|CREATE|DELETE|DO|DROP|GRANT|INSERT|LOCK|RESET|REVOKE|ROLLBACK|SELECT|SET|TRUNCATE|UPDATE) |[{}"$\\=]|;(?! [a-z])| --|\b(?:temporal|sequence-failover|psql|pg_\w+|npm|npx) /u;

/** A remedy, and apart from it what follows, so that each can be copied whole. None for an empty remedy. */
function stepsOf(remedy: string): string[] {
  if (remedy === '') return [];
  const [, fix = remedy, then] =
    /^(.*); then ((?:run )?sequence-failover .*|start the run again|wait for the next recheck)$/su.exec(
      remedy,
    ) ?? [];
  if (then === undefined) return [fix];
  // psql waits for the end of a statement that is pasted without it.
  const end = ENDS_IN_STATEMENT.test(fix) ? ';' : '';
  return [`${fix}${end}`, `then ${then.replace(/^run (?=sequence-failover )/u, 'run: ')}`];
}

const ENDS_IN_STATEMENT =
  /(?:^|[:;] )(?:ALTER|COMMIT|CREATE|DO|DROP|GRANT|ROLLBACK|SELECT|SET|TRUNCATE) [^;]*$/u;

/** All findings, the blocks first. */
export function findingsLines(findings: readonly AnyFinding[], layout: Layout): string[] {
  return blocksFirst(findings).flatMap((finding) => ['', ...findingLines(finding, layout)]);
}

/**
 * As many findings as fit on a screen, blocks first: in full if possible, otherwise one line each. A last line says what was left out.
 *
 * @param whole the command that shows all of them
 */
export function findingsWithin(
  findings: readonly AnyFinding[],
  layout: Layout,
  { room, whole }: { room: number; whole: string },
): string[] {
  if (room <= 0) return [];
  const sorted = blocksFirst(findings);
  const full = sorted.map((finding) => onScreen(finding, layout));
  if (full.flat().length <= room) return full.flat();
  const shown = sorted.slice(0, room - 1);
  const parts = shown.map((finding) => [inOneLine(finding, layout)]);
  let left = room - 1 - parts.length;
  for (const index of parts.keys()) {
    const lines = full[index] ?? [];
    if (lines.length - 1 > left) continue;
    left -= lines.length - 1;
    parts[index] = lines;
  }
  const short = parts.filter(({ length }, index) => length < (full[index] ?? []).length).length;
  return [...parts.flat(), layout.colors.dim(leftOut(sorted.slice(shown.length), short, whole))];
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
  const steps = stepsOf(finding.remedy).map((step) => wrap(`→ ${printable(step)}`, layout.width - 4));
  return [
    titleOf(finding, layout),
    ...wrap(printable(finding.message), layout.width - 2).map((line) => `  ${line}`),
    ...steps.flatMap(indented).map((line) => layout.colors.dim(line)),
  ];
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
