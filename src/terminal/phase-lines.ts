import { parseFailureText } from '../contract/failure-text.js';
import type { Ending } from '../contract/status.js';
import { failureLines } from './failure-lines.js';
import { printable } from '../contract/printable.js';
import type { AnyFinding } from './findings-lines.js';

/** What `status` knows of a workflow besides its phase. */
export interface Known {
  ending: Ending | null;
  /** False if Temporal has closed the workflow. One that was terminated could not note its ending. */
  isOpen: boolean;
  /** Those that are shown below: a message of a failure repeats them whole. */
  findings: readonly AnyFinding[];
  /** Columns. */
  width: number;
}

/** The phase of a workflow, and how it has ended. @param words the phase in words */
export function phaseLines(words: string, { ending, isOpen, findings, width }: Known): string[] {
  if (ending === null) return [`phase      ${isOpen ? words : `Terminated; its last phase: ${words}`}`];
  if (ending.state !== 'failed')
    return [`phase      ${words}, ${ending.state}: ${printable(ending.message)}`];
  const { type, message } = parseFailureText(ending);
  return [`phase      ${words}, failed: ${type}`, ...failureLines(message, findings, width)];
}
