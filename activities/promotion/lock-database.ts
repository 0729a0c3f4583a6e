import { databaseLockId } from '../../src/contract/lock.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import { takeLock } from '../take-lock.js';

/** Takes the lock of a database. Pairs with other names may have it too. */
export function lockDatabase(): PromotionActivities['lockDatabase'] {
  return ({ database, holder }) =>
    takeLock({
      workflowId: databaseLockId(database),
      of: `the database ${database.database}`,
      other: `another promotion with the same database ${database.database}, of a pair with another name,`,
      holder,
    });
}
