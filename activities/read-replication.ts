import { Context } from '@temporalio/activity';
import type { Finding } from '../src/contract/status.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { ReplicationLag, SequencePublication, Subscription } from '../src/steps/subscriptions.js';
import type { SubscriptionDetail, SubscriptionNames } from '../src/steps/readiness.js';
import {
  lacksWorker,
  publicationsOf,
  replicationFindings,
  slotsOf,
  subscriptionsTo,
} from '../src/planning/pair/replication-findings.js';
import { withoutSubscriptionAtHandoff } from '../src/planning/promotion/no-subscription.js';
import { readSequencePublications } from '../src/postgres/replication/read-publications.js';
import { readReplicationLag } from '../src/postgres/replication/read-replication-lag.js';
import { readSubscriptions } from '../src/postgres/replication/read-subscriptions.js';
import { settleSubscriptions } from '../src/postgres/replication/settle-subscriptions.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';

export interface Replication {
  /** All subscriptions of the standby's database. */
  subscriptions: Subscription[];
  /** The lag of each of their slots. */
  lags: ReplicationLag[];
  /** The primary's publications that publish sequences. */
  publications: SequencePublication[];
}

/**
 * Takes one round trip per side. If an apply worker is missing, it waits as long as the restart of a worker takes.
 *
 * @param subscriptions as they were just read; absent: read them here
 */
export async function readReplication(
  pair: Pair,
  identity: PairIdentity,
  subscriptions?: Subscription[],
): Promise<Replication> {
  const { cancellationSignal } = Context.current();
  const first =
    subscriptions ?? (await onSide('standby', () => readSubscriptions(pair.standby, identity.standby)));
  const [lags, publications] = await onSide('primary', () =>
    Promise.all([
      readReplicationLag(pair.primary, identity.primary, slotsOf(first)),
      // This runs no query unless a subscription carries sequences.
      readSequencePublications(pair.primary, identity.primary, publicationsOf(first)),
    ]),
  );
  const settled = await onSide('standby', () =>
    settleSubscriptions(
      pair.standby,
      identity.standby,
      first,
      (all) => subscriptionsTo(lags, all).some(lacksWorker),
      () => {
        cancellationSignal.throwIfAborted();
      },
    ),
  );
  return { subscriptions: settled, lags, publications };
}

/** The standby's enabled subscriptions to the primary. */
export function enabledToPrimary({ subscriptions, lags }: Replication): Subscription[] {
  return subscriptionsTo(lags, subscriptions).filter(({ enabled }) => enabled);
}

/** @param leadsToPromotion whether the run hands off to a promotion, which refuses a standby without an enabled subscription to the primary */
export function findingsOf(
  replication: Replication,
  { primary: { address } }: Pair,
  leadsToPromotion: boolean,
): Finding[] {
  const { subscriptions, lags, publications } = replication;
  const findings = replicationFindings(subscriptions, lags, publications, address);
  const isRefused = leadsToPromotion && enabledToPrimary(replication).length === 0;
  return isRefused ? withoutSubscriptionAtHandoff(address, findings) : findings;
}

/** The names by which a later recheck notices that a subscription has gone. */
export function namesOf({ subscriptions, lags }: Replication): SubscriptionNames {
  const names = (some: readonly Subscription[]) => some.map(({ name }) => name);
  return {
    present: names(subscriptions),
    toPrimary: names(subscriptionsTo(lags, subscriptions)),
    details: detailsOf(subscriptions, lags),
  };
}

/** @param lags absent if the primary was not read */
export function detailsOf(
  subscriptions: readonly Subscription[],
  lags: readonly ReplicationLag[] = [],
): SubscriptionDetail[] {
  const bySlot = new Map(lags.map(({ slot, decoded }) => [slot, decoded]));
  return subscriptions.map(({ name, slot, publications, oid, notCopied }) => {
    const decoded = slot === null ? undefined : bySlot.get(slot);
    return {
      ...{ name, slot, publications },
      ...(oid === null ? {} : { oid }),
      ...(notCopied === 0 ? {} : { notCopied }),
      ...(decoded === undefined ? {} : { decoded }),
    };
  });
}
