import { Context } from '@temporalio/activity';
import type { Activities } from '../src/steps/activities.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { AwaitReplicationReport } from '../src/steps/readiness.js';
import { notCaughtUp, replicationFindings, slotsOf } from '../src/planning/pair/replication-findings.js';
import { awaitConfirmedFlush } from '../src/postgres/replication/await-confirmed-flush.js';
import { readSubscriptions } from '../src/postgres/replication/read-subscriptions.js';
import { readWalPosition } from '../src/postgres/replication/read-wal-position.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { detailsOf, enabledToPrimary, findingsOf, namesOf, readReplication } from './read-replication.js';

/** How long the standby may take to catch up after an approval, in milliseconds, if the input does not say. */
const PATIENCE_MS = 30_000;

/** Waits until the standby has confirmed everything that the primary has written so far: after an approval, and before a promotion's fence. */
export function awaitReplication({ pairs }: Dependencies): Activities['awaitReplication'] {
  return ({ identity, withoutPrimary, timeoutMs = PATIENCE_MS, leadsToPromotion = false }) =>
    withHeartbeat(async () => {
      const pair = pairOfOpenRun(pairs, identity.pair, 'standby');
      if (withoutPrimary) return readStandbyAlone(pair, identity);
      const replication = await readReplication(pair, identity);
      return onSide('primary', async () => {
        const slots = slotsOf(enabledToPrimary(replication));
        const lsn = await readWalPosition(pair.primary, identity.primary);
        const behind = await awaitConfirmedFlush(pair.primary, identity.primary, slots, lsn, {
          timeoutMs,
          onPoll: () => {
            Context.current().cancellationSignal.throwIfAborted();
          },
        });
        const late = behind.map(({ slot, confirmedFlushLsn, state }) =>
          notCaughtUp(slot, confirmedFlushLsn, lsn, state),
        );
        return {
          lsn: slots.length === 0 ? null : lsn,
          findings: [...findingsOf(replication, pair, leadsToPromotion), ...late],
          subscriptions: namesOf(replication),
        };
      });
    });
}

/** Without the primary nothing can be waited for: reads the subscriptions of the standby. */
async function readStandbyAlone(pair: Pair, identity: PairIdentity): Promise<AwaitReplicationReport> {
  const subscriptions = await onSide('standby', () => readSubscriptions(pair.standby, identity.standby));
  return {
    lsn: null,
    findings: replicationFindings(subscriptions, null, null, pair.primary.address),
    subscriptions: {
      present: subscriptions.map(({ name }) => name),
      toPrimary: [],
      details: detailsOf(subscriptions),
    },
  };
}
