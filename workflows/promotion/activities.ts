import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../src/steps/activities.js';
import { PROMOTION_HEARTBEAT_MS } from '../../src/steps/limits.js';

const quick = {
  initialInterval: '100 milliseconds',
  backoffCoefficient: 2,
  maximumInterval: '2 seconds',
} as const;

/** Steps without an undo: they read, and `endWriters` ends sessions. During the outage the outage budget limits them. */
export const checking = proxyActivities<
  Pick<
    Activities,
    | 'checkPromotion'
    | 'readFence'
    | 'readOpening'
    | 'readOpened'
    | 'readPrediction'
    | 'endWriters'
    | 'confirmFence'
    | 'recheckHeadroom'
    | 'awaitReplication'
    | 'readApprovedRun'
    | 'awaitPrimary'
    | 'awaitStandby'
  >
>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: PROMOTION_HEARTBEAT_MS,
  retry: quick,
});

/** The locks of the databases, which the workflow knows after it has read the pair. */
export const lockingDatabases = proxyActivities<Pick<Activities, 'lockDatabase'>>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '90 seconds',
  retry: { ...quick, maximumInterval: '2 seconds' },
});

/**
 * The limits of a step that waits for as long as the outage budget allows.
 *
 * @param withinMs what is left of the budget, in milliseconds
 */
export function withinOutage(withinMs: number): ActivityOptions {
  return {
    startToCloseTimeout: Math.max(withinMs, 5 * 60_000),
    scheduleToCloseTimeout: Math.max(withinMs, 10 * 60_000),
  };
}

/** Steps with an undo. A cancellation waits until it is known whether the step succeeded. */
export const acting = proxyActivities<
  Pick<Activities, 'prepareWayBack' | 'makeStandbyReadOnly' | 'raiseFence' | 'openStandby'>
>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '2 minutes',
  heartbeatTimeout: PROMOTION_HEARTBEAT_MS,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: quick,
});

/**
 * How the standby of a fleet's pair is opened after the fleet has decided to switch. The other pairs are opened too, so attempts count and not
 * time: a time without a worker does not leave this pair behind. Refused connections use up the attempts in about 20 seconds.
 */
export const OPENED_WITH_THE_FLEET = {
  scheduleToCloseTimeout: '1 day',
  retry: { ...quick, maximumAttempts: 15 },
} as const;

/** Undo steps. They are retried without limit, since a primary that stays fenced is the worst ending; see also `unlessGoneForGood`. */
export const undoing = proxyActivities<Pick<Activities, 'removeWayBack' | 'liftFence' | 'closeStandby'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: PROMOTION_HEARTBEAT_MS,
  retry: quick,
});

/** Retried without limit, since a ready promotion of a fleet cannot go on or back without it. */
export const settling = proxyActivities<Pick<Activities, 'settleFleet'>>({
  startToCloseTimeout: '30 seconds',
  retry: quick,
});

/** Steps after the switch. They are retried for a while; after that, a finding says what is left to do. */
export const following = proxyActivities<
  Pick<Activities, 'moveTraffic' | 'enableWayBack' | 'releaseForward'>
>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { ...quick, maximumInterval: '10 seconds' },
});

/** It comes before the outage. Without a ledger, the promotion goes on all the same. */
export const recordingFence = proxyActivities<Pick<Activities, 'recordFence'>>({
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '10 seconds',
  retry: { ...quick, maximumAttempts: 3 },
});

export const recording = proxyActivities<Pick<Activities, 'recordPromotion'>>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { ...quick, maximumAttempts: 10 },
});
