import { findingsText } from '../../src/findings/findings-text.js';
import type { Finding } from '../../src/contract/status.js';
import type { ConfirmFenceInput, ConfirmFenceReport } from '../../src/steps/promotion-steps.js';
import { promotionBlocks } from '../failover/promotion-blocks.js';
import { summary } from '../summary.js';
import { checking, withinOutage } from './activities.js';
import type { BeforeTheSwitch } from './before-the-switch.js';
import { promotionFailure } from './failure.js';
import type { Promotion } from './promotion.js';
import { blocksOf } from './sequences.js';
import { toPromotionFinding } from './steps.js';

/** Waits until the standby has every row that the primary had when its last writer was gone. */
export async function confirm(
  promotion: Promotion,
  before: BeforeTheSwitch,
  fencedAt: string,
): Promise<void> {
  const { fenceLsn: lsn, known } = promotion;
  const report = await confirmed(promotion, before, { fencedAt, lsn, ...tablesOf(known) });
  assertAccepted(promotion, report.findings);
  const proof =
    report.findings === undefined ? report : await confirmed(promotion, before, { fencedAt, lsn });
  promotion.setProof({ fenceLsn: proof.lsn, confirmedLsn: proof.confirmedLsn });
}

/** Checks that nobody has written since, and waits until the standby has confirmed what the primary's server has written by itself. */
export async function confirmAgain(
  promotion: Promotion,
  before: BeforeTheSwitch,
  fencedAt: string,
): Promise<void> {
  const { lsn } = await confirmed(promotion, before, { fencedAt, lsn: null });
  promotion.setProof({ verificationLsn: lsn });
}

/** The tables are compared only once, since nobody can write behind the fence. */
function tablesOf({ readiness }: Promotion['known']): Pick<ConfirmFenceInput, 'tables'> {
  return readiness?.tables === undefined ? {} : { tables: readiness.tables };
}

/** @throws ApplicationFailure `StepFailed` naming every table whose rows the standby would lack, unless somebody accepted it */
function assertAccepted(promotion: Promotion, findings: Finding[] = []): void {
  const blocks = blocksOf(promotion, promotionBlocks(findings));
  if (blocks.length === 0) return;
  promotion.found(...blocks.map(toPromotionFinding));
  throw promotionFailure(
    'StepFailed',
    `since the check, the tables of the primary have changed: ${findingsText(blocks)}`,
  );
}

function confirmed(
  { identity, known, input }: Promotion,
  { leftMs: withinMs }: BeforeTheSwitch,
  look: Pick<ConfirmFenceInput, 'fencedAt' | 'lsn' | 'tables'>,
): Promise<ConfirmFenceReport> {
  const { lsn } = look;
  const slots = known.subscriptions.map(({ slot }) => slot);
  return checking.confirmFence.executeWithOptions(
    {
      ...withinOutage(withinMs),
      summary: lsn === null ? 'see that nobody has written since' : summary(`wait until ${lsn} is confirmed`),
    },
    [{ identity, fence: input.fence, slots, withinMs, dry: input.rehearse, ...look }],
  );
}
