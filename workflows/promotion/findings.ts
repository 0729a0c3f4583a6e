import type { PromotionFinding } from '../../src/contract/promotion.js';
import type { Finding } from '../../src/contract/status.js';
import type { FindingIdentity } from '../../src/findings/finding-identity.js';
import { withoutInternalFields } from '../../src/findings/fold-findings.js';
import { findingsInWritableSession } from '../../src/planning/remedies/writable-session.js';
import { ledgerFinding } from '../failover/ledger-finding.js';
import type { Promotion } from './promotion.js';

/** Converts a finding of a run to one of a promotion. */
export function toPromotionFinding(finding: Finding | PromotionFinding): PromotionFinding {
  const { code, ...others } = withoutInternalFields(finding as Finding);
  return { ...others, code };
}

/** @param unavailable why the ledger could not be written; null if it was written, or is off */
export function tellOfLedger(promotion: Promotion, unavailable: string | null): void {
  promotion.renewFindings(...ledgerFinding(unavailable).map(toPromotionFinding));
}

/** The blocks that nobody has accepted by name. */
export function blocksOf<F extends FindingIdentity & Pick<Finding, 'severity'>>(
  promotion: Promotion,
  findings: readonly F[],
): F[] {
  return findings.filter((one) => one.severity === 'block' && !promotion.isAccepted(one));
}

/** The findings with remedies that can be pasted also on a side that was read-only by default before the promotion began. */
export function withPasteableRemedies<F extends { code: string; remedy: string }>(
  { known: { readiness } }: Promotion,
  findings: readonly F[],
): F[] {
  return findingsInWritableSession(findings, readiness ?? {});
}
