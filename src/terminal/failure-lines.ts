import { withoutFindings } from '../findings/findings-text.js';
import type { AnyFinding } from './findings-lines.js';
import { printable } from '../contract/printable.js';
import { wrap } from './text-table.js';

/**
 * The message of a failure. Findings that are shown below it are left out, since a message of several findings repeats them whole.
 *
 * @param findings those that are shown, with their remedies as the message has them
 * @param width columns
 */
export function failureLines(message: string, findings: readonly AnyFinding[], width: number): string[] {
  return withoutFindings(message, findings)
    .split('\n')
    .map((line) => line.replace(/^[;. ]+/u, ''))
    .filter((line) => line !== '')
    .flatMap((line) => withCommandWhole(printable(line), width));
}

/** Wraps a message. A command in it has a line of its own, so that it can be copied. */
function withCommandWhole(line: string, width: number): string[] {
  const [, before, command, after] =
    /^(.*: )((?:temporal workflow|sequence-failover) (?:[^;']|'[^']*')*)(?:; (.*))?$/u.exec(line) ?? [];
  if (before === undefined || command === undefined) return wrap(line, width);
  return [
    ...wrap(before.trimEnd(), width),
    `  ${command}`,
    ...(after === undefined ? [] : wrap(after, width)),
  ];
}
