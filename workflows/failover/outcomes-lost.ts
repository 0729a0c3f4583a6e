import { pairFinding } from '../../src/findings/make-finding.js';
import type { Finding } from '../../src/contract/status.js';

/** Whether the outcomes of earlier rounds were too large to be carried. */
export function outcomesLost(lost: boolean): Finding[] {
  if (!lost) return [];
  return [
    pairFinding(
      'COUNTS_INCOMPLETE',
      'the pair has so many sequences that the run could not carry the outcomes of earlier rounds: from now on, counts and outcomes cover only the last round and later changes',
      'no action is needed: every round is in sequence_failover.sequences of the ledger, and in the history',
    ),
  ];
}
