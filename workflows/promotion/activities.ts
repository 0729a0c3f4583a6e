import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../src/steps/activities.js';

/** A worker that was killed is noticed within this time: while the primary is fenced, seconds count. */
const HEARTBEAT = '5 seconds';

const quick = {
  initialInterval: '100 milliseconds',
  backoffCoefficient: 2,
  maximumInterval: '2 seconds',
} as const;

/** What only reads. The outage budget ends it during the outage. */
export const looking = proxyActivities<
  Pick<
    Activities,
    | 'checkPromotion'
    | 'readFence'
    | 'readOpening'
    | 'readPrediction'
    | 'endWriters'
    | 'confirmFence'
    | 'recheckHeadroom'
    | 'awaitReplication'
  >
>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: HEARTBEAT,
  retry: quick,
});

/** What has an undo: a cancellation waits until it is known whether it came through. */
export const acting = proxyActivities<Pick<Activities, 'prepareWayBack' | 'raiseFence' | 'openStandby'>>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '2 minutes',
  heartbeatTimeout: HEARTBEAT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: quick,
});

/** It is tried until it is done: a primary that is left fenced is the worst ending. */
export const undoing = proxyActivities<Pick<Activities, 'removeWayBack' | 'liftFence' | 'closeStandby'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: HEARTBEAT,
  retry: quick,
});

/** After the switch: it is tried for a while, and then a person is told what is left to do. */
export const following = proxyActivities<
  Pick<Activities, 'moveTraffic' | 'enableWayBack' | 'releaseForward'>
>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { ...quick, maximumInterval: '10 seconds' },
});

export const recording = proxyActivities<Pick<Activities, 'recordPromotion'>>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { ...quick, maximumAttempts: 10 },
});
