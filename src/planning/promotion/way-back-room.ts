import type { PromotionFinding } from '../../contract/promotion.js';
import type { SideOfPair } from '../../contract/side.js';
import type { Finding } from '../../contract/status.js';
import { digest } from '../../steps/digest.js';
import type { ShortSetting } from '../../steps/way-back-room.js';
import { NO_FAILBACK, unlessInput } from '../remedies/promotion-input.js';
import { block } from './make-promotion-finding.js';

/** What the server of a side does for the way back. */
const task: Record<SideOfPair, string> = {
  primary: 'the old primary would not receive the way back',
  standby: 'the new primary could not send the way back',
};

/** The subject of the finding, by which an approver accepts it for this side only. */
export const roomOf = (side: SideOfPair): string => digest(side);

/** The server of one side has no room for the way back, which would only show after the switch. */
export function needsRoom(
  side: SideOfPair,
  settings: readonly ShortSetting[],
): (PromotionFinding & Pick<Finding, 'subject'>)[] {
  if (settings.length === 0) return [];
  return [
    {
      ...block(
        'WAY_BACK_NEEDS_ROOM',
        `${shortOf(side, settings)}: ${task[side]}`,
        howToMakeRoom(side, settings),
      ),
      subject: roomOf(side),
    },
  ];
}

function shortOf(side: SideOfPair, settings: readonly ShortSetting[]): string {
  const list = settings.map(
    ({ setting, value, needed }) => `${setting} is ${value}, and ${needed} are needed`,
  );
  return `on the ${side}, with all subscriptions and slots of its server and the way back: ${list.join('; ')}`;
}

function howToMakeRoom(side: SideOfPair, settings: readonly ShortSetting[]): string {
  const raise = settings.map(({ setting, needed }) => `ALTER SYSTEM SET ${setting} = ${needed};`);
  return unlessInput(
    'if no way back is needed',
    NO_FAILBACK,
    `as a superuser on the ${side}: ${raise.join(' ')} and restart its server`,
  );
}
