import { patched } from '@temporalio/workflow';
import type { SideOfPair } from '../../src/contract/side.js';
import { roomOf } from '../../src/planning/promotion/way-back-room.js';
import { wayBackChanges } from '../../src/planning/remedies/undo-statements.js';
import type { PrepareWayBackInput, WayBackInput } from '../../src/steps/promotion-steps.js';
import { acting, undoing } from './activities.js';
import { unlessPrimaryStaysGone } from './primary-gone.js';
import type { Promotion } from './promotion.js';
import { unlessStandbyStaysGone } from './standby-gone.js';

/** Creates the publication and the slot on the standby, and the disabled subscription on the primary, which proves the connection. */
export async function prepareWayBack(promotion: Promotion): Promise<void> {
  const change = { identity: promotion.identity, names: promotion.names };
  registerUndo(promotion, change);
  await acting.prepareWayBack.executeWithOptions({ summary: 'prepare the way back and prove it' }, [
    // Earlier versions published the tables of all subscriptions.
    patched('way-back-of-the-primary')
      ? { ...change, subscriptions: promotion.known.subscriptions, ...acceptedRoom(promotion) }
      : change,
  ]);
}

/** The sides whose lack of room for the way back somebody has accepted; nothing without any. */
function acceptedRoom(promotion: Promotion): Pick<PrepareWayBackInput, 'roomAcceptedOn'> {
  const sides = (['primary', 'standby'] as const).filter((side) =>
    promotion.isAccepted({ code: 'WAY_BACK_NEEDS_ROOM', sequence: null, count: 1, subject: roomOf(side) }),
  );
  return sides.length === 0 ? {} : { roomAcceptedOn: sides };
}

/** Each side has an undo of its own, so that what is left is known exactly. */
function registerUndo(promotion: Promotion, change: WayBackInput): void {
  const changes = wayBackChanges(change.names);
  const { undo } = promotion;
  if (!patched('way-back-removed-by-side')) {
    undo.register('wayBack', changes, () =>
      undoing.removeWayBack.executeWithOptions({ summary: 'remove the way back' }, [change]),
    );
    return;
  }
  const register = (side: SideOfPair, within: (work: () => Promise<void>) => Promise<void>) => {
    const ofSide = changes.filter(({ where }) => where === side);
    const remove = () =>
      undoing.removeWayBack.executeWithOptions({ summary: `remove the way back from the ${side}` }, [
        { ...change, side },
      ]);
    undo.register('wayBack', ofSide, () => within(remove));
  };
  register('primary', (work) => unlessPrimaryStaysGone(promotion, work));
  register('standby', (work) => unlessStandbyStaysGone(promotion, work));
}
