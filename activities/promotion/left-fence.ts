import type { PromotionFinding } from '../../src/contract/promotion.js';
import {
  fencedByRunning,
  fenceLeft,
  leftFenceUnread,
} from '../../src/planning/promotion/earlier-fence-findings.js';
import { fenceChange } from '../../src/planning/remedies/undo-statements.js';
import { grantsToRestore, readReadOnly } from '../../src/postgres/promotion/fence-state.js';
import { isOn } from '../../src/steps/pg-boolean.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import type { FenceMemory, ReadOnlySettings } from '../../src/steps/promotion-steps.js';
import { onSide } from '../activity-failure.js';
import type { Pair } from '../dependencies.js';
import { readLedger, unreadable } from '../read-ledger.js';

/** Whether the run of a promotion is open. */
export type IsRunning = (promotion: { workflowId: string; runId: string }) => Promise<boolean>;

/**
 * A fence on the present primary that an earlier promotion has not lifted. A new promotion would take it for the state before its own fence, so
 * that an undo would leave the primary fenced, and the way back would shut out applications.
 *
 * @param mayBeOpen whether that promotion may have opened the standby
 * @param isRunning whether that promotion, which has not recorded its end, is still running
 */
export async function checkLeftFence(
  pair: Pair,
  identity: PairIdentity,
  mayBeOpen: boolean,
  isRunning: IsRunning,
): Promise<PromotionFinding[]> {
  const { primary, ledger } = pair;
  const { database } = identity.primary;
  const present = await onSide('primary', () => readReadOnly(primary, identity.primary));
  if (ledger === null) return isOn(present.database) ? [leftFenceUnread(database, NO_LEDGER)] : [];
  return readLedger(
    async () => {
      const left = await ledger.leftFenceOf(identity);
      if (left === null || !(await isUp(pair, identity, left.fence, present))) return [];
      if (left.isUnderWay && (await isRunning(left))) return [fencedByRunning(left.workflowId)];
      return [fenceLeft(left, database, fenceChange(database, left.fence).undo, mayBeOpen)];
    },
    async (reason, error) =>
      isOn(present.database) ? [leftFenceUnread(database, await unreadable(ledger, reason, error))] : [],
  );
}

const NO_LEDGER = {
  reason: 'this worker has none',
  remedy: 'lift it with the statements that sequence-failover status shows for that promotion',
};

/** Whether anything that the fence has changed is still so. */
async function isUp(
  { primary }: Pair,
  { primary: expected }: PairIdentity,
  { readOnly, connect }: FenceMemory,
  present: ReadOnlySettings,
): Promise<boolean> {
  // A default that was read-only before the fence does not show that the fence is still there.
  if (isOn(present.database) && !isOn(readOnly.database)) return true;
  if (connect === null) return false;
  const toRestore = await onSide('primary', () => grantsToRestore(primary, expected, connect));
  return toRestore.revoked.length > 0;
}
