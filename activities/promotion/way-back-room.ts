import { needsRoom } from '../../src/planning/promotion/way-back-room.js';
import { readReceiverRoom, readSenderRoom } from '../../src/postgres/promotion/way-back-room.js';
import type { SideOfPair } from '../../src/contract/side.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { wayBackNames } from '../../src/steps/way-back-names.js';
import { onSide } from '../activity-failure.js';
import type { Pair } from '../dependencies.js';

/**
 * Findings about settings of either server that are too small for the way back.
 *
 * @param exceptOn sides that are not checked
 */
export async function readWayBackRoom(
  { primary, standby }: Pair,
  identity: PairIdentity,
  exceptOn: readonly SideOfPair[] = [],
): Promise<ReturnType<typeof needsRoom>> {
  const names = wayBackNames(identity.standby);
  const [receiver, sender] = await Promise.all([
    exceptOn.includes('primary')
      ? []
      : onSide('primary', () => readReceiverRoom(primary, identity.primary, names)),
    exceptOn.includes('standby')
      ? []
      : onSide('standby', () => readSenderRoom(standby, identity.standby, names)),
  ]);
  return [...needsRoom('primary', receiver), ...needsRoom('standby', sender)];
}
