import type { Activities } from '../src/steps/steps.js';
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
import { recheckHeadroom } from './recheck-headroom.js';
import { recheckStandby } from './recheck-standby.js';
import { recordBuffer } from './record-buffer.js';
import { samplePrimary } from './sample-primary.js';
import { verifyByEvidence } from './verify-by-evidence.js';
import { verifyStandby } from './verify-standby.js';

/** The steps of the runbook, for a worker. */
export function createActivities(dependencies: Dependencies): Activities {
  return {
    lockPair: lockPair(),
    checkReadiness: checkReadiness(dependencies),
    samplePrimary: samplePrimary(dependencies),
    fetchPrimarySequences: fetchPrimarySequences(dependencies),
    computeTargets: computeTargets(dependencies),
    applyTargets: applyTargets(dependencies),
    verifyStandby: verifyStandby(dependencies),
    recheckStandby: recheckStandby(dependencies),
    checkLostPrimary: checkLostPrimary(dependencies),
    computeByEvidence: computeByEvidence(dependencies),
    verifyByEvidence: verifyByEvidence(dependencies),
    findPrimary: findPrimary(dependencies),
    recordBuffer: recordBuffer(dependencies),
    recheckHeadroom: recheckHeadroom(dependencies),
    awaitReplication: awaitReplication(dependencies),
    checkHandoff: checkHandoff(),
    closeRecord: closeRecord(dependencies),
    listDatabases: listDatabases(dependencies),
  };
}
