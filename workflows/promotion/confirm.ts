import { findingsText } from '../../src/findings/findings-text.js';
import type { Finding } from '../../src/contract/status.js';
import type { ConfirmFenceInput, ConfirmFenceReport } from '../../src/steps/promotion-steps.js';
import { promotionBlocks } from '../failover/promotion-blocks.js';
import { summary } from '../summary.js';
import { checking, withinOutage } from './activities.js';
import type { BeforeTheSwitch } from './before-the-switch.js';
import { promotionFailure } from './failure.js';
import { blocksOf, withPasteableRemedies, toPromotionFinding } from './findings.js';
import type { Promotion } from './promotion.js';

/** Waits until the standby has every row that the primary had when its last writer was gone. */
export async function confirm(
  promotion: Promotion,
  before: BeforeTheSwitch,
  fencedAt: string,
): Promise<void> {
  const { lsn, confirmedLsn } = await confirmed(promotion, before, { fencedAt, lsn: promotion.fenceLsn });
  promotion.setProof({ fenceLsn: lsn, confirmedLsn });
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

type Asked = Pick<ConfirmFenceInput, 'fencedAt' | 'lsn' | 'tables'>;

/** Compares the tables, too: even behind the fence, a session with BEGIN READ WRITE can create one that the standby does not receive. */
async function confirmed(
  promotion: Promotion,
  before: BeforeTheSwitch,
  asked: Asked,
): Promise<ConfirmFenceReport> {
  const { tables } = promotion.known.readiness ?? {};
  const report = await ask(promotion, before, tables === undefined ? asked : { ...asked, tables });
  if (report.findings === undefined) return report;
  noteTables(promotion, report.findings);
  return ask(promotion, before, asked);
}

/** @throws ApplicationFailure `StepFailed` naming every table whose rows the standby would lack, unless somebody accepted it */
function noteTables(promotion: Promotion, changed: readonly Finding[]): void {
  const findings = withPasteableRemedies(promotion, promotionBlocks([...changed]));
  promotion.renewFindings(...findings.map(toPromotionFinding));
  const blocks = blocksOf(promotion, findings);
  if (blocks.length === 0) return;
  throw promotionFailure(
    'StepFailed',
    `the tables have changed since the check, and the standby may lack rows: ${findingsText(blocks)}`,
  );
}

function ask(
  { identity, known, input }: Promotion,
  { leftMs: withinMs }: BeforeTheSwitch,
  asked: Asked,
): Promise<ConfirmFenceReport> {
  const { lsn } = asked;
  const slots = known.subscriptions.map(({ slot }) => slot);
  return checking.confirmFence.executeWithOptions(
    {
      ...withinOutage(withinMs),
      summary: lsn === null ? 'see that nobody has written since' : summary(`wait until ${lsn} is confirmed`),
    },
    [{ identity, fence: input.fence, slots, withinMs, dry: input.rehearse, ...asked }],
  );
}
