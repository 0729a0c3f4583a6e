import { findingsText } from '../../src/findings/findings-text.js';
import { roleCannotBeAltered } from '../../src/planning/promotion/promotion-privileges.js';
import type { Endpoint } from '../../src/postgres/endpoint.js';
import { readFenceMemory } from '../../src/postgres/promotion/fence-state.js';
import { readUnalterable } from '../../src/postgres/promotion/privileges.js';
import { removeFence, applyFence } from '../../src/postgres/promotion/switch.js';
import { readClock } from '../../src/postgres/promotion/writers.js';
import { quoteIdentifier } from '../../src/sequences/identifier.js';
import { finalFailure } from '../../src/steps/failures.js';
import type { Identity } from '../../src/steps/identity.js';
import type { FenceMemory, PromotionActivities } from '../../src/steps/promotion-steps.js';
import { onSide, onSideOnceReached } from '../activity-failure.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { endSessionsSince } from './end-sessions-since.js';
import { pairOf } from './pair-of.js';
import { patientlyWhilePresent, whilePresent } from './present-attempt.js';

/** Reads the settings that a fence will change. The history keeps them for the undo. */
export function readFence(dependencies: Dependencies): PromotionActivities['readFence'] {
  return ({ identity, fence }) =>
    withHeartbeat(async () => {
      const { primary } = pairOf(dependencies, identity);
      return onSide('primary', async () => {
        // The clock is read first. So an undo may also end a session that is not read-only, but it misses none that is.
        const since = await readClock(primary, identity.primary);
        const memory = await readFenceMemory(primary, identity.primary, fence);
        await assertAlterable(primary, identity.primary, memory);
        return { ...memory, since };
      });
    });
}

/** A role may have got a setting of its own since the check. @throws ApplicationFailure naming the roles that the worker's role may not alter */
async function assertAlterable(
  primary: Endpoint,
  expected: Identity,
  { readOnly }: FenceMemory,
): Promise<void> {
  const names = readOnly.roles.map(({ role }) => role);
  const roles = await readUnalterable(primary, expected, names);
  if (roles.length === 0) return;
  const findings = roles.map((role) => roleCannotBeAltered(role, quoteIdentifier(expected.database)));
  throw finalFailure('Unworkable', findingsText(findings));
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
      await onSideOnceReached('primary', async () => {
        // A late attempt must not lift the fence of a later promotion.
        await patientlyWhilePresent(primary, identity.primary, (limit) =>
          removeFence(primary, identity.primary, memory, limit),
        );
        // Pools that have connected again behind the fence would stay read-only.
        if (memory.since !== undefined) await endSessionsSince(primary, identity.primary, memory.since);
      });
    });
}
