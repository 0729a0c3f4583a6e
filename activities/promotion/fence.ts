import { readFenceMemory } from '../../src/postgres/promotion/fence-state.js';
import { removeFence, applyFence } from '../../src/postgres/promotion/switch.js';
import { readClock } from '../../src/postgres/promotion/writers.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { endSessionsSince } from './end-sessions-since.js';
import { pairOf } from './pair-of.js';
import { undoWhilePresent, whilePresent } from './present-attempt.js';

/** Reads the settings that a fence will change. The history keeps them for the undo. */
export function readFence(dependencies: Dependencies): PromotionActivities['readFence'] {
  return ({ identity, fence }) =>
    withHeartbeat(async () => {
      const { primary } = pairOf(dependencies, identity);
      return onSide('primary', async () => {
        // The clock is read first. So an undo may also end a session that is not read-only, but it misses none that is.
        const since = await readClock(primary, identity.primary);
        return { ...(await readFenceMemory(primary, identity.primary, fence)), since };
      });
    });
}

export function raiseFence(dependencies: Dependencies): PromotionActivities['raiseFence'] {
  return ({ identity, memory }) =>
    withHeartbeat(async () => {
      const { primary } = pairOf(dependencies, identity);
      await onSide('primary', () =>
        whilePresent(primary, identity.primary, (limit) =>
          applyFence(primary, identity.primary, memory, limit),
        ),
      );
    });
}

export function liftFence(dependencies: Dependencies): PromotionActivities['liftFence'] {
  return ({ identity, memory }) =>
    withHeartbeat(async () => {
      const { primary } = pairOf(dependencies, identity);
      await onSide('primary', async () => {
        // A late attempt must not lift the fence of a later promotion.
        await undoWhilePresent(primary, identity.primary, (limit) =>
          removeFence(primary, identity.primary, memory, limit),
        );
        // Pools that have connected again behind the fence would stay read-only.
        if (memory.since !== undefined) await endSessionsSince(primary, identity.primary, memory.since);
      });
    });
}
