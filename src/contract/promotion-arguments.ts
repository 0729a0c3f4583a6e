import type { RunResult } from './status.js';

/**
 * Whether a run handed off to a promotion: then the arguments are the record of the run, and perhaps `handoff.input`. A person who starts a
 * promotion passes its input alone.
 */
export function beginWithRecord(args: readonly unknown[]): boolean {
  const [first] = args;
  return (
    args.length === 2 ||
    (typeof first === 'object' && first !== null && 'checklist' in first && 'outcome' in first)
  );
}

/** The fields of a record that tell which sequences were promoted, and what was decided about them. */
export type HandedOffRecord = Pick<RunResult, 'pair' | 'gate' | 'selection' | 'ticket' | 'requestedBy'>;
