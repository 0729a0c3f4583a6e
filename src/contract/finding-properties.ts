import { findingEntry, type BlockingWarningCode } from './findings.js';
import type { BlockName } from './gate.js';
import type { Finding, Severity } from './status.js';

/** The properties of findings, from the catalog ({@link findingEntry}). For an unknown code, the severity decides. */

const ranks: Readonly<Record<Severity, number>> = { block: 0, warn: 1, info: 2 };

/** For Array.sort: blocks first, information last. */
export function bySeverity(a: { severity: Severity }, b: { severity: Severity }): number {
  return ranks[a.severity] - ranks[b.severity];
}

/** Why nobody can accept a block with this code; null if an approver can accept it. */
export function whyUnacceptable(code: string): string | null {
  const entry = findingEntry(code);
  return entry?.severity === 'block' ? (entry.unacceptable ?? null) : null;
}

/** Whether the next recheck of a waiting run clears the block, once its cause is gone. */
export function clearsItself(code: string): boolean {
  const entry = findingEntry(code);
  return entry?.severity === 'block' && entry.clearsItself === true;
}

/**
 * Whether the remedy is complete as it stands: a recheck clears the block, only a new run can clear it, or the remedy names every way on.
 */
export function isRemedyComplete(code: string): boolean {
  const entry = findingEntry(code);
  return entry?.severity === 'block' && entry.remedyIsComplete === true;
}

export type BlockingWarning = Extract<Finding, { severity: 'warn' }> & { code: BlockingWarningCode };

/** Whether this warning blocks if it did not exist when the gate opened. */
export function blocksWhenNew(finding: Finding): finding is BlockingWarning {
  if (finding.severity !== 'warn') return false;
  const entry = findingEntry(finding.code);
  return entry?.severity !== 'warn' || entry.blocksWhenNew;
}

/** Whether the finding is about a sequence, or about several of one code. A later version may have codes that this one does not know. */
export function isAboutSequences({ code, sequence }: BlockName): boolean {
  return sequence !== null || findingEntry(code)?.scope === 'sequence';
}

/** Whether this warning is a block in a promotion, and in a run that hands off to one. */
export function blocksPromotion({ severity, code }: Pick<Finding, 'severity' | 'code'>): boolean {
  const entry = findingEntry(code);
  return severity === 'warn' && entry?.severity === 'warn' && entry.blocksPromotion === true;
}

/** Whether the finding may go away within seconds, for example when a transaction ends that holds a lock. */
export function mayClearSoon(code: string): boolean {
  const entry = findingEntry(code);
  return entry !== undefined && entry.severity !== 'info' && entry.mayClearSoon === true;
}
