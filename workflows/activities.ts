import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../src/steps/activities.js';

/** Long enough to outlast a restart of either server, short enough that an SRE hears of a dead one. */
const OUTAGE_TOLERATED = '5 minutes';
/** If a worker is killed, Temporal notices it within this time, and another worker takes the step over. */
const HEARTBEAT = '10 seconds';

const patient = {
  initialInterval: '250 milliseconds',
  backoffCoefficient: 2,
  maximumInterval: '5 seconds',
} as const;

/** Reading and recording: retried without harm until the outage lasts too long. */
export const reading = proxyActivities<
  Pick<
    Activities,
    | 'samplePrimary'
    | 'fetchPrimarySequences'
    | 'computeTargets'
    | 'computeByEvidence'
    | 'verifyStandby'
    | 'verifyByEvidence'
    | 'recordBuffer'
  >
>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: OUTAGE_TOLERATED,
  heartbeatTimeout: HEARTBEAT,
  retry: patient,
});

/** The steps that a run still makes after its cancellation. They are short, since the person who cancelled may be waiting for the end. */
export const afterCancellation = proxyActivities<
  Pick<Activities, 'verifyStandby' | 'verifyByEvidence' | 'recordBuffer'>
>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '30 seconds',
  heartbeatTimeout: HEARTBEAT,
  retry: patient,
});

/** The readiness check decides by itself when a side has been unreachable for too long. */
export const readiness = proxyActivities<Pick<Activities, 'checkReadiness' | 'checkLostPrimary'>>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: OUTAGE_TOLERATED,
  heartbeatTimeout: HEARTBEAT,
  retry: patient,
});

/** A cancellation waits for a setval that is running, so that the record says what was set. */
export const setting = proxyActivities<Pick<Activities, 'applyTargets'>>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: OUTAGE_TOLERATED,
  heartbeatTimeout: HEARTBEAT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: patient,
});

/** A failed recheck at the gate becomes a finding. There are few attempts, since the next recheck comes anyway. */
export const watching = proxyActivities<
  Pick<Activities, 'recheckHeadroom' | 'recheckStandby' | 'findPrimary' | 'awaitReplication' | 'checkHandoff'>
>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: HEARTBEAT,
  retry: { ...patient, maximumAttempts: 4 },
});

/** The step that lists the databases of a server, once for a fleet. */
export const listing = proxyActivities<Pick<Activities, 'listDatabases'>>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 minute',
  heartbeatTimeout: HEARTBEAT,
  retry: patient,
});

/** The run does not wait for a notification. An attempt ends by itself within 5 seconds. */
export const notifying = proxyActivities<Pick<Activities, 'notify'>>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '5 minutes',
  retry: { ...patient, initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** The last notification of a run. It is retried longer, since no later notification repeats its content. */
export const notifyingAtLast = proxyActivities<Pick<Activities, 'notify'>>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '30 minutes',
  retry: { ...patient, initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** The pair's lock. The time is enough for a standing watch that is at work; one that the primary's death has stopped ends within it as well. */
export const locking = proxyActivities<Pick<Activities, 'lockPair'>>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '90 seconds',
  retry: { ...patient, maximumInterval: '2 seconds' },
});

/** The ledger's closing line. */
export const bookkeeping = proxyActivities<Pick<Activities, 'closeRecord'>>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { ...patient, maximumAttempts: 10 },
});
