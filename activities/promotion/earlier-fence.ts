import { openLedger } from '../../src/ledger/open-ledger.js';
import type { PromotionFinding } from '../../src/contract/promotion.js';
import {
  earlierFenceUnknown,
  earlierFenceUnread,
} from '../../src/planning/promotion/earlier-fence-findings.js';
import { everybodyMayConnect, readReadOnly, readShutOut } from '../../src/postgres/promotion/fence-state.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import { isOn } from '../../src/steps/pg-boolean.js';
import type { FenceMemory } from '../../src/steps/promotion-steps.js';
import type { Pair } from '../dependencies.js';
import { onSide } from '../activity-failure.js';
import { readLedger, unreadable, type Unreadable } from '../read-ledger.js';

/** The fence that an earlier promotion has left on the present standby. */
export interface EarlierFence {
  /** Null if there is none, or if the ledger that would have it could not be read. */
  fence: FenceMemory | null;
  /** A block if a ledger could not be read, and applications may have to be let in again by what it has. */
  findings: PromotionFinding[];
}

/**
 * The changes that the fence of an earlier promotion made on the present standby. They have to be known before the standby is opened. The
 * ledger of that promotion has them: the ledger of the pair, or the one on the present primary.
 */
export async function readEarlierFence(pair: Pair, identity: PairIdentity): Promise<EarlierFence> {
  const unread: Unreadable[] = [];
  for (const place of [pair.ledger, openLedger(pair.primary)]) {
    if (place === null) continue;
    const fence = await readLedger(
      () => place.fenceOf(identity),
      async (reason, error) => {
        unread.push(await unreadable(place, reason, error));
        return null;
      },
    );
    if (fence !== null) return { fence, findings: [] };
  }
  const [first] = unread;
  const findings = await (first === undefined ? shutOut(pair, identity) : findingsOf(pair, identity, first));
  return { fence: null, findings };
}

/** No ledger has a fence, for example with LEDGER=off. The databases show what one has left. */
async function shutOut({ primary, standby }: Pair, identity: PairIdentity): Promise<PromotionFinding[]> {
  return onSide('standby', async () => {
    const { database } = await readReadOnly(standby, identity.standby);
    if (!isOn(database)) return [];
    const roles = await readShutOut(primary, standby, identity);
    return roles.length === 0 ? [] : [earlierFenceUnknown(identity.standby.database, roles)];
  });
}

/** A fence that lets everybody connect has revoked nothing. */
async function findingsOf(
  { standby }: Pair,
  { standby: expected }: PairIdentity,
  unread: Unreadable,
): Promise<PromotionFinding[]> {
  const isOpenToAll = await onSide('standby', () => everybodyMayConnect(standby, expected));
  return isOpenToAll ? [] : [earlierFenceUnread(expected.database, unread)];
}
