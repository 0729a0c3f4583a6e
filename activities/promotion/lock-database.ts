import { earlierDatabaseLockId } from '../../src/contract/lock.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import { takeLock } from '../take-lock.js';

/** Takes the lock of a database. Pairs with other names may have it too. */
export function lockDatabase(): PromotionActivities['lockDatabase'] {
  return ({ database, lockId, holder }) =>
    takeLock({
      workflowId: lockId ?? earlierDatabaseLockId(database, database.startedAt),
      what: `the database ${database.database}`,
      otherHolder: `another promotion, of a pair that has this database (${database.database}) too,`,
      holder,
    });
}
