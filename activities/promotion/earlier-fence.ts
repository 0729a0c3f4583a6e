import { openLedger } from '../../src/ledger/open-ledger.js';
import type { PairIdentity } from '../../src/steps/identity.js';
import type { FenceMemory } from '../../src/steps/promotion-steps.js';
import type { Pair } from '../dependencies.js';
import { readLedger, unreadable, type Unreadable } from '../read-ledger.js';

/** The fence that an earlier promotion has left on what is the standby now. */
export interface EarlierFence {
  /** Null if there is none, or if the ledger that would have it could not be read. */
  fence: FenceMemory | null;
  /** Why a ledger could not be read; null if all could. */
  unread: Unreadable | null;
}

/** The ledger of that promotion has it: the ledger of the pair, or the one on what is the primary now. */
export async function readEarlierFence(
  { ledger, primary }: Pair,
  identity: PairIdentity,
): Promise<EarlierFence> {
  let unread: Unreadable | null = null;
  for (const place of [ledger, openLedger(primary)]) {
    if (place === null) continue;
    const fence = await readLedger(
      () => place.fenceOf(identity),
      async (reason, error) => {
        unread ??= await unreadable(place, reason, error);
        return null;
      },
    );
    if (fence !== null) return { fence, unread: null };
  }
  return { fence: null, unread };
}
