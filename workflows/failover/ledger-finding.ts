import { pairFinding } from '../../src/findings/make-finding.js';
import type { Finding } from '../../src/contract/status.js';

/** @param reason why the ledger could not be written; null if it was written, or is off */
export function ledgerFinding(reason: string | null): Finding[] {
  if (reason === null) return [];
  return [
    pairFinding(
      'LEDGER_UNAVAILABLE',
      `the ledger could not be written: ${reason}`,
      'the workflow history holds the whole record; grant what is missing, set LEDGER_URL, or set LEDGER=off on the worker',
    ),
  ];
}
