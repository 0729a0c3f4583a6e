import type { PromotionFinding } from '../../src/contract/promotion.js';
import { fenceLeft, leftFenceUnread } from '../../src/planning/promotion/earlier-fence-findings.js';
import { fenceChange } from '../../src/planning/remedies/undo-statements.js';
import { readReadOnly } from '../../src/postgres/promotion/fence-state.js';
import { isOn } from '../../src/steps/pg-boolean.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { onSide } from '../activity-failure.js';
import type { Pair } from '../dependencies.js';
import { readLedger, unreadable } from '../read-ledger.js';

/**
 * A fence on the present primary that an earlier promotion could not lift. A new promotion would take it for the state before its own fence, so
 * that an undo would leave the primary fenced.
 */
export async function checkLeftFence(
  { primary, ledger }: Pair,
  identity: PairIdentity,
): Promise<PromotionFinding[]> {
  if (ledger === null) return [];
  const present = await onSide('primary', () => readReadOnly(primary, identity.primary));
  if (!isOn(present.database)) return [];
  const { database } = identity.primary;
  return readLedger(
    async () => {
      const left = await ledger.leftFenceOf(identity);
      // A default that was read-only before the fence shows nothing.
      if (left === null || isOn(left.fence.readOnly.database)) return [];
      return [fenceLeft(left.workflowId, database, fenceChange(database, left.fence).undo)];
    },
    async (reason, error) => [leftFenceUnread(database, await unreadable(ledger, reason, error))],
  );
}
