import { readReadOnly } from '../../src/postgres/promotion/fence-state.js';
import {
  closeForWrites,
  isReadOnly,
  openForWrites,
  setWritable,
} from '../../src/postgres/promotion/switch.js';
import { advanceSlot } from '../../src/postgres/promotion/way-back.js';
import { openLedger } from '../../src/ledger/ledger.js';
import type { FenceMemory, PromotionActivities } from '../../src/steps/promotion-steps.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies, Pair } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { pairOf } from './pair-of.js';

/** What opening the standby will change, as it is now. */
export function readOpening(dependencies: Dependencies): PromotionActivities['readOpening'] {
  return ({ identity }) =>
    withHeartbeat(async () => {
      const pair = pairOf(dependencies, identity);
      return onSide('standby', async () => {
        const readOnly = await readReadOnly(pair.standby, identity.standby);
        return { readOnly, before: await earlierFence(pair, identity) };
      });
    });
}

/** The fence that an earlier promotion has left on what is the standby now: that promotion's ledger has it, on what is the primary now. */
async function earlierFence({ ledger, primary }: Pair, identity: PairIdentity): Promise<FenceMemory | null> {
  for (const place of [ledger, openLedger(primary)]) {
    const found = await place?.fenceOf(identity).catch(() => null);
    if (found) return found;
  }
  return null;
}

/** From here on it only goes forward, once it has come through. */
export function openStandby(dependencies: Dependencies): PromotionActivities['openStandby'] {
  return ({ identity, subscriptions, memory, slot }) =>
    withHeartbeat(async () => {
      const { standby } = pairOf(dependencies, identity);
      const expected = identity.standby;
      await onSide('standby', async () => {
        if (slot !== null) await advanceSlot(standby, expected, slot);
        await openForWrites(standby, expected, subscriptions, memory);
        if (await isReadOnly(standby, expected)) await setWritable(standby, expected);
      });
    });
}

/** The undo, for an opening of which nobody knows whether it came through. */
export function closeStandby(dependencies: Dependencies): PromotionActivities['closeStandby'] {
  return ({ identity, subscriptions, memory }) =>
    withHeartbeat(async () => {
      const { standby } = pairOf(dependencies, identity);
      await onSide('standby', () => closeForWrites(standby, identity.standby, subscriptions, memory));
    });
}
