import { activityInfo, Context } from '@temporalio/activity';
import { wayBackIsLate } from '../../src/planning/promotion/after-switch-findings.js';
import { slotBlocked } from '../../src/planning/promotion/slot-blocked.js';
import { NO_FAILBACK, withInput } from '../../src/planning/remedies/promotion-input.js';
import {
  createPublication,
  createSubscription,
  detachSubscription,
  dropPublication,
  dropSubscription,
  enableSubscription,
  filtersByOrigin,
  WayBackError,
} from '../../src/postgres/promotion/way-back.js';
import { readSlotBlockers } from '../../src/postgres/promotion/slot-blockers.js';
import {
  createSlot,
  dropSlot,
  readySlot,
  SLOT_WAITS_MS,
} from '../../src/postgres/promotion/way-back-slot.js';
import { readWayBackTables } from '../../src/postgres/promotion/way-back-tables.js';
import type { Endpoint } from '../../src/postgres/endpoint.js';
import { classify } from '../../src/postgres/failures/classify.js';
import { SQLSTATE } from '../../src/postgres/failures/sqlstate.js';
import { awaitConfirmedFlush } from '../../src/postgres/replication/await-confirmed-flush.js';
import { readSubscriptions } from '../../src/postgres/replication/read-subscriptions.js';
import { readWalPosition } from '../../src/postgres/replication/read-wal-position.js';
import type { Identity } from '../../src/steps/identity.js';
import type { BrokenWayBack, PromotionActivities, WayBackNames } from '../../src/steps/promotion-steps.js';
import { finalFailure, retryableFailure } from '../../src/steps/failures.js';
import { onSide, onSideOnceReached } from '../activity-failure.js';
import type { Dependencies } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { pairOf } from './pair-of.js';
import { assertPresent, patientlyWhilePresent, whilePresent } from './present-attempt.js';
import { readWayBackRoom } from './way-back-room.js';

/** Creates a publication and a slot on the standby, and a disabled subscription on the primary, for which its server connects to the standby. */
export function prepareWayBack(dependencies: Dependencies): PromotionActivities['prepareWayBack'] {
  return ({ identity, names, subscriptions, roomAcceptedOn = [] }) =>
    withHeartbeat(async () => {
      const pair = pairOf(dependencies, identity);
      const { primary, standby, wayBack } = pair;
      if (wayBack === undefined) throw new Error('This worker has no way back for its pairs.');
      await onSide('standby', async () => {
        const receiving = subscriptions ?? (await readEnabled(standby, identity.standby));
        const tables = await readWayBackTables(
          standby,
          identity.standby,
          receiving.map(({ name }) => name),
        );
        await createPublication(standby, identity.standby, names.publication, tables, (change) =>
          patientlyWhilePresent(standby, identity.standby, change),
        );
        await whilePresent(standby, identity.standby, (limit) =>
          createSlot(standby, identity.standby, names.slot, limit),
        ).catch(async (error: unknown) => {
          throw await namingBlockers(standby, identity.standby, error);
        });
      });
      await onSide('primary', async () => {
        const connection = await wayBack();
        try {
          // The primary's server connects to the standby, which may take long.
          await patientlyWhilePresent(primary, identity.primary, (limit) =>
            createSubscription(primary, identity.primary, names, connection, limit),
          );
        } catch (error) {
          if (!(error instanceof WayBackError)) throw error;
          throw finalFailure(
            'Unworkable',
            `the primary's server could not subscribe to the standby: ${error.message}; ${howToSubscribe(error)}, or ${withInput(NO_FAILBACK)}`,
          );
        }
      });
      // Other databases of the same servers may have prepared their ways back since the check.
      const short = await readWayBackRoom(pair, identity, roomAcceptedOn);
      if (short.length > 0)
        throw finalFailure(
          'Unworkable',
          short.map(({ message, remedy }) => `${message}; ${remedy}`).join('; '),
        );
    });
}

/** After this many attempts to create the slot, a person has to end the transactions for which it waits. */
const ATTEMPTS_FOR_SLOT = 6;

/** If the slot has waited for transactions in vain: a failure that names them. */
async function namingBlockers(standby: Endpoint, expected: Identity, error: unknown): Promise<unknown> {
  const { sqlstate } = classify(error);
  if (sqlstate !== SQLSTATE.lockNotAvailable && sqlstate !== SQLSTATE.queryCanceled) return error;
  const message = slotBlocked(await readSlotBlockers(standby, expected), SLOT_WAITS_MS);
  return activityInfo().attempt < ATTEMPTS_FOR_SLOT
    ? retryableFailure('Retryable', message)
    : finalFailure('Unworkable', message);
}

/** https://www.postgresql.org/docs/current/logical-replication-security.html */
function howToSubscribe({ obstacle }: WayBackError): string {
  switch (obstacle) {
    case 'no password':
      return `PostgreSQL demands a password for a role that is not a superuser: put one into the standby's URL, or into the pair's replicationUrl, and make pg_hba.conf of the standby ask for it (scram-sha-256, not trust, peer or cert) when the primary's server connects`;
    case 'unreachable':
      return `make the address of the standby's URL reachable from the primary's server, and let pg_hba.conf of the standby accept it, or set the pair's replicationUrl to an address that is; then start again`;
    case 'other':
      return 'correct what the message names, and start again';
  }
}

async function readEnabled(standby: Endpoint, expected: Identity): Promise<{ name: string }[]> {
  return (await readSubscriptions(standby, expected)).filter(({ enabled }) => enabled);
}

/** Undoes {@link prepareWayBack}. A part that does not exist is left out. */
export function removeWayBack(dependencies: Dependencies): PromotionActivities['removeWayBack'] {
  return ({ identity, names, side }) =>
    withHeartbeat(async () => {
      const { primary, standby } = pairOf(dependencies, identity);
      // A late attempt must not remove the way back of a later promotion.
      const fromPrimary = async () =>
        onSideOnceReached('primary', () =>
          patientlyWhilePresent(primary, identity.primary, (limit) =>
            dropSubscription(primary, identity.primary, names.subscription, limit),
          ),
        );
      // The slot must not keep WAL of the standby for as long as the primary is away.
      const fromStandby = async () =>
        onSideOnceReached('standby', async () => {
          await patientlyWhilePresent(standby, identity.standby, (limit) =>
            dropSlot(standby, identity.standby, names.slot, limit),
          );
          await patientlyWhilePresent(standby, identity.standby, (limit) =>
            dropPublication(standby, identity.standby, names.publication, limit),
          );
        });
      const removed = [
        ...(side === 'standby' ? [] : [fromPrimary()]),
        ...(side === 'primary' ? [] : [fromStandby()]),
      ];
      await Promise.allSettled(removed);
      await Promise.all(removed);
    });
}

/** Enables the subscription of the old primary, and waits until it has confirmed what the new one had written by then. */
export function enableWayBack(dependencies: Dependencies): PromotionActivities['enableWayBack'] {
  return ({ identity, names, withinMs, from }) =>
    withHeartbeat(async () => {
      const { primary, standby } = pairOf(dependencies, identity);
      // A late attempt must not undo what a later promotion has done. The same holds below.
      await assertPresent();
      await onSideOnceReached('standby', () =>
        readySlot(standby, identity.standby, names.slot, from ?? null),
      );
      const hasSubscription = await onSideOnceReached('primary', () =>
        enableSubscription(primary, identity.primary, names.subscription),
      );
      await onSideOnceReached('standby', async () => {
        const lsn = await readWalPosition(standby, identity.standby);
        const [late] = await awaitConfirmedFlush(standby, identity.standby, [names.slot], lsn, {
          timeoutMs: hasSubscription ? withinMs : 0,
          onPoll: () => {
            Context.current().cancellationSignal.throwIfAborted();
          },
        });
        const slot = late === undefined || late.state === 'behind' ? 'ready' : late.state;
        if (!hasSubscription || slot !== 'ready') {
          const versions = await Promise.all([
            primary.version(identity.primary),
            standby.version(identity.standby),
          ]);
          const left = { hasSubscription, slot, filtersByOrigin: filtersByOrigin(...versions) } as const;
          throw brokenWayBack(names, left);
        }
        if (late === undefined) return;
        throw retryableFailure('Retryable', wayBackIsLate(names, late.confirmedFlushLsn, lsn));
      });
    });
}

function brokenWayBack({ slot, subscription }: WayBackNames, left: BrokenWayBack): Error {
  const what = {
    lost: `the slot ${slot} of the way back is lost: the new primary has removed WAL that the old one had not received, so the old primary will lack rows`,
    missing: `the slot ${slot} of the way back is gone, so the old primary will lack rows`,
    ready: null,
  }[left.slot];
  const gone = left.hasSubscription ? null : `the old primary has no subscription ${subscription} any more`;
  return finalFailure('Unworkable', [gone, what].filter((one) => one !== null).join('; '), left);
}

/** Removes what the old direction has left: a slot from which nobody receives keeps WAL for ever. */
export function releaseForward(dependencies: Dependencies): PromotionActivities['releaseForward'] {
  return ({ identity, subscriptions, names }) =>
    withHeartbeat(async () => {
      const { primary, standby } = pairOf(dependencies, identity);
      for (const { name, slot } of subscriptions) {
        const isOurs = name === names.subscription;
        await assertPresent();
        await onSideOnceReached('standby', () =>
          isOurs
            ? dropSubscription(standby, identity.standby, name)
            : detachSubscription(standby, identity.standby, name),
        );
        await assertPresent();
        await onSideOnceReached('primary', async () => {
          await dropSlot(primary, identity.primary, slot);
          if (isOurs) await dropPublication(primary, identity.primary, names.publication);
        });
      }
    });
}
