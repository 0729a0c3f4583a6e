import type { Activities } from '../src/steps/activities.js';
import { applyTargets } from './apply-targets.js';
import { awaitReplication } from './await-replication.js';
import { checkLostPrimary, findPrimary } from './check-lost-primary.js';
import { checkHandoff } from './check-handoff.js';
import { checkReadiness } from './check-readiness.js';
import { closeRecord } from './close-record.js';
import { computeByEvidence } from './compute-by-evidence.js';
import { computeTargets } from './compute-targets.js';
import type { Dependencies } from './dependencies.js';
import { fetchPrimarySequences } from './fetch-primary-sequences.js';
import { listDatabases } from './list-databases.js';
import { lockPair } from './lock-pair.js';
import { awaitServer } from './promotion/await-server.js';
import { checkPromotion } from './promotion/check-promotion.js';
import { confirmFence } from './promotion/confirm-fence.js';
import { endWriters } from './promotion/end-writers.js';
import { liftFence, raiseFence, readFence } from './promotion/fence.js';
import { lockDatabase } from './promotion/lock-database.js';
import { moveTraffic } from './promotion/move-traffic.js';
import {
  closeStandby,
  makeStandbyReadOnly,
  openStandby,
  readOpened,
  readOpening,
} from './promotion/opening.js';
import { readPrediction, recordFence, recordPromotion } from './promotion/record-promotion.js';
import { enableWayBack, prepareWayBack, releaseForward, removeWayBack } from './promotion/way-back.js';
import { notify } from './notify.js';
import { readApprovedRun, settleFleet } from './promotion/fleet.js';
import { recheckHeadroom } from './recheck-headroom.js';
import { recheckStandby } from './recheck-standby.js';
import { recordBuffer } from './record-buffer.js';
import { samplePrimary } from './sample-primary.js';
import { verifyByEvidence } from './verify-by-evidence.js';
import { verifyStandby } from './verify-standby.js';
import { withWorkerSettings } from './worker-settings.js';

/** All activities of a worker. */
export function createActivities(dependencies: Dependencies): Activities {
  return {
    lockPair: lockPair(),
    checkReadiness: withWorkerSettings(dependencies, checkReadiness(dependencies)),
    samplePrimary: samplePrimary(dependencies),
    fetchPrimarySequences: fetchPrimarySequences(dependencies),
    computeTargets: computeTargets(dependencies),
    applyTargets: applyTargets(dependencies),
    verifyStandby: verifyStandby(dependencies),
    recheckStandby: recheckStandby(dependencies),
    checkLostPrimary: withWorkerSettings(dependencies, checkLostPrimary(dependencies)),
    computeByEvidence: computeByEvidence(dependencies),
    verifyByEvidence: verifyByEvidence(dependencies),
    findPrimary: findPrimary(dependencies),
    recordBuffer: recordBuffer(dependencies),
    recheckHeadroom: recheckHeadroom(dependencies),
    awaitReplication: awaitReplication(dependencies),
    checkHandoff: checkHandoff(),
    closeRecord: closeRecord(dependencies),
    notify: notify(dependencies),
    listDatabases: listDatabases(dependencies),
    lockDatabase: lockDatabase(),
    awaitPrimary: awaitServer(dependencies, 'primary'),
    awaitStandby: awaitServer(dependencies, 'standby'),
    checkPromotion: checkPromotion(dependencies),
    readPrediction: readPrediction(dependencies),
    readApprovedRun: readApprovedRun(),
    settleFleet: settleFleet(),
    prepareWayBack: prepareWayBack(dependencies),
    removeWayBack: removeWayBack(dependencies),
    readFence: readFence(dependencies),
    raiseFence: raiseFence(dependencies),
    liftFence: liftFence(dependencies),
    endWriters: endWriters(dependencies),
    confirmFence: confirmFence(dependencies),
    readOpening: readOpening(dependencies),
    makeStandbyReadOnly: makeStandbyReadOnly(dependencies),
    openStandby: openStandby(dependencies),
    readOpened: readOpened(dependencies),
    closeStandby: closeStandby(dependencies),
    moveTraffic: moveTraffic(),
    enableWayBack: enableWayBack(dependencies),
    releaseForward: releaseForward(dependencies),
    recordFence: recordFence(dependencies),
    recordPromotion: recordPromotion(dependencies),
  };
}
