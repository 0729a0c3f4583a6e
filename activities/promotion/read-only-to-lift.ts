import { readReadOnly } from '../../src/postgres/promotion/fence-state.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import type { FenceMemory, ReadOnlySettings } from '../../src/steps/promotion-steps.js';
import { onSide } from '../activity-failure.js';
import type { Pair } from '../dependencies.js';

/**
 * The read-only settings of the standby that its opening will lift. Roles that are read-only on the primary too stay as they are, unless a
 * fence has made them read-only on the standby.
 *
 * @param fence the earlier fence of this standby; null if there is none
 */
export async function readReadOnlyToLift(
  { primary, standby }: Pair,
  identity: PairIdentity,
  fence: FenceMemory | null,
): Promise<ReadOnlySettings> {
  const onPrimary = await onSide('primary', () => readReadOnly(primary, identity.primary));
  const onStandby = await onSide('standby', () => readReadOnly(standby, identity.standby));
  const ofFence = new Set(fence?.readOnly.roles.map(({ role }) => role));
  const deliberate = new Set(onPrimary.roles.map(({ role }) => role).filter((role) => !ofFence.has(role)));
  return { ...onStandby, roles: onStandby.roles.filter(({ role }) => !deliberate.has(role)) };
}
