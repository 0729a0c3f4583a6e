import { readFenceMemory } from '../../src/postgres/promotion/fence-state.js';
import { removeFence, applyFence } from '../../src/postgres/promotion/switch.js';
import type { PromotionActivities } from '../../src/steps/promotion-steps.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { pairOf } from './pair-of.js';

/** Reads the settings that a fence will change. The history keeps them for the undo. */
export function readFence(dependencies: Dependencies): PromotionActivities['readFence'] {
  return ({ identity, fence }) =>
    withHeartbeat(async () => {
      const { primary } = pairOf(dependencies, identity);
      return onSide('primary', () => readFenceMemory(primary, identity.primary, fence));
    });
}

export function raiseFence(dependencies: Dependencies): PromotionActivities['raiseFence'] {
  return ({ identity, memory }) =>
    withHeartbeat(async () => {
      const { primary } = pairOf(dependencies, identity);
      await onSide('primary', () => applyFence(primary, identity.primary, memory));
    });
}

export function liftFence(dependencies: Dependencies): PromotionActivities['liftFence'] {
  return ({ identity, memory }) =>
    withHeartbeat(async () => {
      const { primary } = pairOf(dependencies, identity);
      await onSide('primary', () => removeFence(primary, identity.primary, memory));
    });
}
