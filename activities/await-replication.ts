import { Context } from '@temporalio/activity';
import type { Activities } from '../src/contract/steps.js';
import {
  notCaughtUp,
  publicationsOf,
  replicationFindings,
  slotsOf,
  subscriptionsTo,
} from '../src/planning/readiness-findings.js';
import { awaitConfirmedFlush } from '../src/postgres/await-confirmed-flush.js';
import { readSequencePublications } from '../src/postgres/read-publications.js';
import { readReplicationLag } from '../src/postgres/read-replication-lag.js';
import { readSubscriptions } from '../src/postgres/read-subscriptions.js';
import { readWalPosition } from '../src/postgres/read-wal-position.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';

/** How long a standby may take to catch up with an approval, in milliseconds. */
const PATIENCE_MS = 30_000;

/** After the approval: waits until the standby has confirmed what the primary has written by now. */
export function awaitReplication({ pairs }: Dependencies): Activities['awaitReplication'] {
  return ({ identity, withoutPrimary }) =>
    withHeartbeat(async () => {
      const pair = await onSide('standby', () => Promise.resolve(pairs.resolve(identity.pair)));
      const subscriptions = await onSide('standby', () => readSubscriptions(pair.standby, identity.standby));
      if (withoutPrimary) return { lsn: null, findings: replicationFindings(subscriptions, null) };
      return onSide('primary', async () => {
        const lags = await readReplicationLag(pair.primary, identity.primary, slotsOf(subscriptions));
        const publications = await readSequencePublications(
          pair.primary,
          identity.primary,
          publicationsOf(subscriptions),
        );
        const slots = slotsOf(subscriptionsTo(lags, subscriptions).filter(({ enabled }) => enabled));
        const lsn = await readWalPosition(pair.primary, identity.primary);
        const behind = await awaitConfirmedFlush(pair.primary, identity.primary, slots, lsn, {
          timeoutMs: PATIENCE_MS,
          onPoll: () => {
            Context.current().cancellationSignal.throwIfAborted();
          },
        });
        const late = behind.map(({ slot, confirmedFlushLsn, exists }) =>
          notCaughtUp(slot, confirmedFlushLsn, lsn, exists),
        );
        return {
          lsn: slots.length === 0 ? null : lsn,
          findings: [...replicationFindings(subscriptions, lags, publications), ...late],
        };
      });
    });
}
