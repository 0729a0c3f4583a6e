/** The phase of a run, a fleet or a promotion that a step belongs to, by the step's name. */
const phases: Readonly<Record<string, string>> = {
  ...{ lockPair: 'checking', checkReadiness: 'checking', checkLostPrimary: 'checking' },
  ...{
    listDatabases: 'listing',
    checkPromotion: 'checking',
    lockDatabase: 'checking',
    awaitPrimary: 'before-the-switch',
    awaitStandby: 'undoing',
    readPrediction: 'checking',
  },
  ...{ samplePrimary: 'synchronizing', fetchPrimarySequences: 'synchronizing' },
  ...{ computeTargets: 'synchronizing', computeByEvidence: 'synchronizing', applyTargets: 'synchronizing' },
  ...{ verifyStandby: 'verifying', verifyByEvidence: 'verifying' },
  ...{ recordBuffer: 'recording', closeRecord: 'done', recordPromotion: 'done' },
  ...{ recheckHeadroom: 'awaiting-approval', recheckStandby: 'awaiting-approval' },
  ...{ findPrimary: 'awaiting-approval', checkHandoff: 'awaiting-approval', awaitReplication: 'verifying' },
  ...{ prepareWayBack: 'before-the-switch', removeWayBack: 'undoing', readFence: 'before-the-switch' },
  ...{ raiseFence: 'outage', liftFence: 'undoing', endWriters: 'outage', confirmFence: 'outage' },
  ...{ readOpening: 'before-the-switch', makeStandbyReadOnly: 'before-the-switch' },
  ...{ openStandby: 'outage', closeStandby: 'undoing' },
  ...{ readApprovedRun: 'checking', settleFleet: 'outage' },
  ...{ moveTraffic: 'switched', enableWayBack: 'switched', releaseForward: 'switched' },
};

const RECHECKS = new Set(['recheckHeadroom', 'recheckStandby', 'findPrimary', 'checkHandoff']);

/** @returns an empty text for a step that this release does not know */
function phaseOf(activity: string): string {
  return phases[activity] ?? '';
}

/**
 * The phase of each step of a run or a fleet. The rechecks that come right after the wait for the standby to confirm the primary's writes verify
 * what was approved. The search for a worker to hand off to is a part of the check with which a round begins, and of each recheck.
 *
 * @param activities the steps' names, in their order
 */
export function phasesOf(activities: readonly string[]): string[] {
  let isApproved = false;
  return activities.map((activity, at) => {
    isApproved = activity === 'awaitReplication' || (isApproved && RECHECKS.has(activity));
    if (isApproved) return 'verifying';
    const isInCheck = activity === 'checkHandoff' && activities[at - 1] === 'checkReadiness';
    return isInCheck ? 'checking' : phaseOf(activity);
  });
}

/** A promotion waits for nobody: it checks every sequence behind the fence, and the standby's position before it. */
export function phaseOfPromotion(activity: string): string {
  if (activity === 'recheckHeadroom') return 'outage';
  return activity === 'awaitReplication' ? 'before-the-switch' : phaseOf(activity);
}
