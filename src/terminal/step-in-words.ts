/** What each step does, by the type of its activity; test/unit/terminal/step-in-words.test.ts compares it with the worker's. */
const words: Readonly<Record<string, string>> = {
  lockPair: 'lock the pair',
  checkReadiness: 'check that both sides are ready',
  checkLostPrimary: 'confirm that the primary cannot be reached',
  samplePrimary: "measure the primary's consumption",
  fetchPrimarySequences: "read the primary's sequences",
  computeTargets: 'read the standby and compute the targets',
  computeByEvidence: 'compute the targets from the evidence',
  applyTargets: 'set the sequences of the standby',
  verifyStandby: 'verify the standby',
  verifyByEvidence: 'verify the standby against the evidence',
  recordBuffer: 'write the ledger',
  recheckHeadroom: 'recheck every sequence',
  recheckStandby: 'recheck every sequence, on the standby alone',
  findPrimary: 'check that the primary is still unreachable',
  awaitReplication: "wait until the standby has confirmed the primary's writes",
  checkHandoff: 'check that the promotion can start',
  closeRecord: 'record the end in the ledger',
  notify: 'send a notification',
  listDatabases: 'list the databases',
  lockDatabase: 'lock the database for this promotion',
  awaitPrimary: 'see that the primary still answers',
  awaitStandby: 'see that the standby still answers',
  checkPromotion: 'check the privileges for the promotion',
  readPrediction: 'read the last rehearsal',
  readApprovedRun: 'read the record of the approved run',
  settleFleet: 'end the fleet, and read what it had decided',
  prepareWayBack: 'prepare the way back and prove it',
  removeWayBack: 'remove the way back',
  readFence: 'read what the fence changes',
  raiseFence: 'fence the primary',
  liftFence: 'give the primary its writes back',
  endWriters: 'end the sessions that could still write',
  confirmFence: 'wait until the standby has confirmed the last LSN',
  readOpening: 'read what opening the standby changes',
  makeStandbyReadOnly: 'make new sessions of the standby read-only',
  openStandby: 'open the standby',
  readOpened: 'check that the standby takes writes',
  closeStandby: 'close the standby again',
  moveTraffic: 'move the traffic',
  enableWayBack: 'enable the way back',
  releaseForward: 'release the slots of the old direction',
  recordFence: 'record what the fence changes',
  recordPromotion: 'record the promotion in the ledger',
};

/** A step in words, such as `fence the primary`. Of a newer worker's step, the type of the activity. */
export const stepInWords = (activityType: string): string =>
  Object.hasOwn(words, activityType) ? (words[activityType] ?? activityType) : activityType;

/** The types of the activities that have words. */
export const stepsWithWords = Object.keys(words);
