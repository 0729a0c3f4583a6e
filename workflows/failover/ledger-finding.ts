import { rootCause } from '@temporalio/workflow';
import { pairFinding } from '../../src/findings/make-finding.js';
import type { Finding } from '../../src/contract/status.js';
import type { RecordReport } from '../../src/steps/page-steps.js';

/** The report of a last record that failed in every attempt. */
export function notRecorded(error: unknown): RecordReport {
  return { recorded: 0, unavailable: rootCause(error) ?? String(error) };
}

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
