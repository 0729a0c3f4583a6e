import type { Finding } from '../../src/contract/status.js';

/** Whether the outcomes of earlier rounds were too large to be carried. */
export function outcomesLost(lost: boolean): Finding[] {
  if (!lost) return [];
  return [
    {
      severity: 'warn',
      code: 'COUNTS_INCOMPLETE',
      sequence: null,
      count: 1,
      message:
        'the pair has so many sequences that the run could not carry the outcomes of earlier rounds: from now on, counts and outcomes cover only the last round and later changes',
      remedy:
        'no action is needed: every round is in sequence_failover.sequences of the ledger, and in the history',
    },
  ];
}
