import { findingEntry, type BlockingWarningCode } from '../contract/findings.js';
import type { Finding } from '../contract/status.js';

/** What a run makes of a finding, by the catalog of {@link findingEntry}. A code that is not known has the usual meaning of its severity. */

/** Why nobody can accept a block of this code; null where somebody can. */
export function whyUnacceptable(code: string): string | null {
  const entry = findingEntry(code);
  return entry?.severity === 'block' ? (entry.unacceptable ?? null) : null;
}

/** Whether the next recheck of a waiting run clears it by itself, once its cause is gone. */
export function clearsItself(code: string): boolean {
  const entry = findingEntry(code);
  return entry?.severity === 'block' && entry.clearsItself === true;
}

/** Whether its remedy says all: a recheck clears it, only a new run can be rid of it, or it names every way on. */
export function isRemedyComplete(code: string): boolean {
  const entry = findingEntry(code);
  return entry?.severity === 'block' && entry.remedyIsComplete === true;
}

export type BlockingWarning = Extract<Finding, { severity: 'warn' }> & { code: BlockingWarningCode };

/** Whether a finding that was not there when the gate opened is a block, although it is only a warning in itself. */
export function blocksWhenNew(finding: Finding): finding is BlockingWarning {
  if (finding.severity !== 'warn') return false;
  const entry = findingEntry(finding.code);
  return entry?.severity !== 'warn' || entry.blocksWhenNew;
}

/** Whether it may go away within seconds, such as by the end of a transaction that holds a lock. */
export function mayPass(code: string): boolean {
  const entry = findingEntry(code);
  return entry !== undefined && entry.severity !== 'info' && entry.mayPass === true;
}
