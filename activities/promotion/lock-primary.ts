import { primaryLockId } from '../../src/contract/lock.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import { takeLock } from '../take-lock.js';

/** Takes the lock of the primary's database. Other pairs may have other names for it, or another standby. */
export function lockPrimary(): PromotionActivities['lockPrimary'] {
  return ({ primary, holder }) =>
    takeLock({
      workflowId: primaryLockId(primary),
      of: `the primary’s database ${primary.database}`,
      other: `another promotion that fences the same database, ${primary.database} of the same primary, under another name of the pair or with another standby,`,
      holder,
    });
}
