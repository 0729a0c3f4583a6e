import type { Endpoint } from '../../src/postgres/endpoint.js';
import type { Identity } from '../../src/steps/identity.js';
import { isOn, readReadOnly } from '../../src/postgres/promotion/fence-state.js';
import {
  closeForWrites,
  isReadOnly,
  makeReadOnly,
  openForWrites,
  setWritable,
} from '../../src/postgres/promotion/switch.js';
import { advanceSlot, filtersByOrigin } from '../../src/postgres/promotion/way-back.js';
import { readClock } from '../../src/postgres/promotion/writers.js';
import type { FenceMemory, PromotionActivities, ReadOnlySettings } from '../../src/steps/promotion-steps.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { readEarlierFence } from './earlier-fence.js';
import { endSessionsSince } from './end-sessions-since.js';
import { pairOf } from './pair-of.js';
import { assertPresent, whilePresent } from './present-attempt.js';

/**
 * Reads the present state of the settings that opening the standby will change. The ledger may have become unreadable since the check of the
 * promotion.
 */
export function readOpening(dependencies: Dependencies): PromotionActivities['readOpening'] {
  return ({ identity }) =>
    withHeartbeat(async () => {
      const pair = pairOf(dependencies, identity);
      const primaryVersion = await onSide('primary', () => pair.primary.version(identity.primary));
      const onPrimary = await onSide('primary', () => readReadOnly(pair.primary, identity.primary));
      return onSide('standby', async () => {
        const { fence: before, findings } = await readEarlierFence(pair, identity);
        const readOnly = await readReadOnly(pair.standby, identity.standby);
        const standbyVersion = await pair.standby.version(identity.standby);
        return {
          readOnly: withoutDeliberate(readOnly, onPrimary, before),
          before,
          filtersByOrigin: filtersByOrigin(primaryVersion, standbyVersion),
          findings,
        };
      });
    });
}

/** Leaves out roles that are read-only on the primary too, if no fence has made them read-only on the standby: they stay as they are. */
function withoutDeliberate(
  standby: ReadOnlySettings,
  primary: ReadOnlySettings,
  fence: FenceMemory | null,
): ReadOnlySettings {
  const ofFence = new Set(fence?.readOnly.roles.map(({ role }) => role));
  const deliberate = new Set(primary.roles.map(({ role }) => role).filter((role) => !ofFence.has(role)));
  return { ...standby, roles: standby.roles.filter(({ role }) => !deliberate.has(role)) };
}

/** Until the standby is open, only the subscription writes to it, and sessions that began before this step. */
export function makeStandbyReadOnly(dependencies: Dependencies): PromotionActivities['makeStandbyReadOnly'] {
  return ({ identity }) =>
    withHeartbeat(async () => {
      const { standby } = pairOf(dependencies, identity);
      return onSide('standby', async () => {
        // The clock is read first. So the step `openStandby` may also end a session that is not read-only, but it misses none that is.
        const since = await readClock(standby, identity.standby);
        await whilePresent(standby, identity.standby, (limit) =>
          makeReadOnly(standby, identity.standby, limit),
        );
        return { since };
      });
    });
}

/** When this step has succeeded, the promotion only goes forward. */
export function openStandby(dependencies: Dependencies): PromotionActivities['openStandby'] {
  return ({ identity, subscriptions, memory, slot, readOnlySince }) =>
    withHeartbeat(async () => {
      const { standby } = pairOf(dependencies, identity);
      const expected = identity.standby;
      await onSide('standby', async () => {
        // Otherwise the way back would send the primary its own rows.
        const isOpen = readOnlySince !== undefined && (await wasOpened(standby, expected));
        if (slot !== null && memory.filtersByOrigin !== true && !isOpen)
          await advanceSlot(standby, expected, slot);
        await whilePresent(standby, expected, (limit) =>
          openForWrites(standby, expected, subscriptions, memory, limit),
        );
        if (await isReadOnly(standby, expected))
          await whilePresent(standby, expected, (limit) => setWritable(standby, expected, limit));
        // An earlier fence may have kept it read-only for days.
        const since = isOn(memory.readOnly.database) ? '-infinity' : readOnlySince;
        if (since !== undefined) await endSessionsSince(standby, expected, since);
      });
    });
}

/**
 * Whether an earlier attempt has opened the standby: then applications may have written there already, and their rows belong to the way back. The
 * step `makeStandbyReadOnly` has set the database read-only, and only the opening sets anything else.
 */
async function wasOpened(standby: Endpoint, expected: Identity): Promise<boolean> {
  const { database } = await readReadOnly(standby, expected);
  return !isOn(database);
}

/** Undoes an opening that may or may not have succeeded. */
export function closeStandby(dependencies: Dependencies): PromotionActivities['closeStandby'] {
  return ({ identity, subscriptions, memory, readOnlySince }) =>
    withHeartbeat(async () => {
      const { standby } = pairOf(dependencies, identity);
      await onSide('standby', async () => {
        // A late attempt must not close the standby of a later promotion.
        await assertPresent();
        await closeForWrites(standby, identity.standby, subscriptions, memory);
        // Applications that came while it was open would go on writing.
        if (readOnlySince !== undefined) await endSessionsSince(standby, identity.standby, readOnlySince);
      });
    });
}
