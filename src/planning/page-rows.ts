import type { PlannedSequence } from '../contract/steps.js';
import type { Outcome } from '../contract/status.js';

/** A row of which nothing is known but its name and what became of it. */
export function bareRow(sequence: string, outcome: Outcome, reason: string): PlannedSequence {
  return {
    sequence,
    primaryNext: null,
    standbyBefore: null,
    target: null,
    standbyNext: null,
    buffer: null,
    outcome,
    reason,
  };
}
