import { activityInfo } from '@temporalio/activity';
import { grantsToRestore } from '../../src/postgres/promotion/fence-state.js';
import {
  closeForWrites,
  isOpened,
  isReadOnly,
  makeReadOnly,
  openForWrites,
  setWritable,
} from '../../src/postgres/promotion/switch.js';
import { filtersByOrigin } from '../../src/postgres/promotion/way-back.js';
import { advanceSlot } from '../../src/postgres/promotion/way-back-slot.js';
import { readClock } from '../../src/postgres/promotion/writers.js';
import { readOnlySessionsSince } from '../../src/steps/fence-statements.js';
import type { OpenedStandby, PromotionActivities } from '../../src/steps/promotion-steps.js';
import { onSide, onSideOnceReached } from '../activity-failure.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { readEarlierFence } from './earlier-fence.js';
import { endSessionsSince } from './end-sessions-since.js';
import { pairOf } from './pair-of.js';
import { patientlyWhilePresent, whilePresent } from './present-attempt.js';
import { readReadOnlyToLift } from './read-only-to-lift.js';

/**
 * Reads the present state of the settings that opening the standby will change. The ledger may have become unreadable since the check of the
 * promotion.
 */
export function readOpening(dependencies: Dependencies): PromotionActivities['readOpening'] {
  return ({ identity }) =>
    withHeartbeat(async () => {
      const pair = pairOf(dependencies, identity);
      const primaryVersion = await onSide('primary', () => pair.primary.version(identity.primary));
      return onSide('standby', async () => {
        const { standby } = pair;
        const { fence: before, findings } = await readEarlierFence(pair, identity);
        const readOnly = await readReadOnlyToLift(pair, identity, before);
        const standbyVersion = await standby.version(identity.standby);
        const connect =
          before?.connect == null ? null : await grantsToRestore(standby, identity.standby, before.connect);
        return {
          readOnly,
          before: before && { ...before, connect },
          filtersByOrigin: filtersByOrigin(primaryVersion, standbyVersion),
          findings,
        };
      });
    });
}

/** An earlier attempt may have made the change without being able to say so. 0 in the first attempt; otherwise an upper limit. */
function sinceFirstAttemptMs(): number {
  const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
  return attempt === 1 ? 0 : currentAttemptScheduledTimestampMs - scheduledTimestampMs + 10_000;
}

/** Until the standby is open, only the subscription writes to it, and sessions that began before this step. */
export function makeStandbyReadOnly(dependencies: Dependencies): PromotionActivities['makeStandbyReadOnly'] {
  return ({ identity }) =>
    withHeartbeat(async () => {
      const { standby } = pairOf(dependencies, identity);
      return onSide('standby', async () => {
        // The clock is read first. So the step `openStandby` may also end a session that is not read-only, but it misses none that is.
        const since = await readClock(standby, identity.standby, sinceFirstAttemptMs());
        await whilePresent(standby, identity.standby, (limit) =>
          makeReadOnly(standby, identity.standby, limit),
        );
        return { since };
      });
    });
}

/** When this step has succeeded, the promotion only goes forward. */
export function openStandby(dependencies: Dependencies): PromotionActivities['openStandby'] {
  return (input) =>
    withHeartbeat(async () => {
      const { identity, subscriptions, memory, slot, readOnlySince } = input;
      const { standby } = pairOf(dependencies, identity);
      const expected = identity.standby;
      return onSide('standby', async () => {
        const opened: OpenedStandby = {};
        // Otherwise the way back would send the primary its own rows.
        if (slot !== null && memory.filtersByOrigin !== true)
          await whilePresent(standby, expected, async (limit) => {
            // An older version has not set the standby read-only.
            const position = await advanceSlot(
              ...([standby, expected, slot] as const),
              readOnlySince === undefined ? null : limit,
            );
            if (position !== null) opened.wayBackFrom = position;
          });
        await whilePresent(standby, expected, (limit) =>
          openForWrites(standby, expected, subscriptions, memory, limit),
        );
        if (await isReadOnly(standby, expected))
          await whilePresent(standby, expected, (limit) => setWritable(standby, expected, limit));
        const since = readOnlySessionsSince(input);
        if (since !== undefined) await endSessionsSince(standby, expected, since);
        return opened;
      });
    });
}

/** After a failed opening: once applications can have written to the standby, it must not be closed again. */
export function readOpened(dependencies: Dependencies): PromotionActivities['readOpened'] {
  return ({ identity, subscriptions }) =>
    withHeartbeat(() => {
      const { standby } = pairOf(dependencies, identity);
      return onSide('standby', () => isOpened(standby, identity.standby, subscriptions));
    });
}

/** Undoes an opening that may or may not have succeeded. */
export function closeStandby(dependencies: Dependencies): PromotionActivities['closeStandby'] {
  return ({ identity, subscriptions, memory, readOnlySince }) =>
    withHeartbeat(async () => {
      const { standby } = pairOf(dependencies, identity);
      await onSideOnceReached('standby', async () => {
        // A late attempt must not close the standby of a later promotion.
        await patientlyWhilePresent(standby, identity.standby, (limit) =>
          closeForWrites(standby, identity.standby, subscriptions, memory, limit),
        );
        // Applications that came while it was open go back to the primary, unless they are told to come here.
        if (readOnlySince !== undefined) await endSessionsSince(standby, identity.standby, readOnlySince);
      });
    });
}
