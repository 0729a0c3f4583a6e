import type { Finding } from '../../src/contract/status.js';

/** @param reason why the ledger could not be written; null if it was written, or is off */
export function ledgerFinding(reason: string | null): Finding[] {
  if (reason === null) return [];
  return [
    {
      severity: 'warn',
      code: 'LEDGER_UNAVAILABLE',
      sequence: null,
      count: 1,
      message: `the ledger could not be written: ${reason}`,
      remedy:
        'the workflow history holds the whole record; grant what is missing, set LEDGER_URL, or set LEDGER=off on the worker',
    },
  ];
}
