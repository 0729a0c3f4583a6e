import { log } from '@temporalio/activity';
import type { Finding } from '../src/contract/status.js';
import { ledgerUnreadable } from '../src/planning/sequence/evidence-findings.js';
import { classify } from '../src/postgres/failures/classify.js';
import type { Ledger } from '../src/ledger/ledger.js';
import { onSide } from './activity-failure.js';
import { isWorthARetry } from './worth-a-retry.js';

/**
 * Reads the ledger.
 *
 * @param otherwise makes the answer if the ledger cannot be read, from the reason and the error
 */
export function readLedger<T>(
  work: () => Promise<T>,
  otherwise: (reason: string, error: unknown) => T | Promise<T>,
): Promise<T> {
  return onSide('ledger', async () => {
    try {
      return await work();
    } catch (error) {
      if (isWorthARetry(error)) throw error;
      const { reason } = classify(error);
      log.warn('the ledger could not be read', { reason });
      return await otherwise(reason, error);
    }
  });
}

/** Why a ledger cannot be read, and what to change. */
export interface Unreadable {
  reason: string;
  remedy: string;
}

/** For {@link readLedger}: adds the finding to a list, and answers null. */
export function noteUnread(ledger: Ledger, findings: Finding[], toFinding = ledgerUnreadable) {
  return async (reason: string, error: unknown): Promise<null> => {
    findings.push(toFinding(await unreadable(ledger, reason, error)));
    return null;
  };
}

export async function unreadable(ledger: Ledger, reason: string, error: unknown): Promise<Unreadable> {
  return { reason, remedy: await ledger.remedyOf(error) };
}
