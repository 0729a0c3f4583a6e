import type { Notification } from '../contract/notification.js';
import type { Finding } from '../contract/status.js';
import type { PageInput, PairIdentity } from './identity.js';
import type {
  ApplyInput,
  ApplyReport,
  CloseInput,
  ComputeInput,
  EvidencePageInput,
  EvidenceReport,
  EvidenceVerifyInput,
  FetchInput,
  RecordReport,
  RecordRequest,
  TargetReport,
  VerifyInput,
  VerifyReport,
} from './page-steps.js';
import type { PromotionActivities } from './promotion-steps.js';
import type {
  AwaitReplicationInput,
  AwaitReplicationReport,
  DatabasesInput,
  DatabasesReport,
  HandoffCheckInput,
  LockInput,
  LostPrimaryInput,
  ReadinessInput,
  ReadinessReport,
} from './readiness.js';
import type { RecheckInput, RecheckReport, RecheckStandbyInput } from './recheck-steps.js';
import type { PrimaryPage, PrimarySample } from './rows.js';

/** The signatures of the activities. Workflows know only these. */
export interface Activities extends PromotionActivities {
  /** Takes the pair's lock for this workflow. It throws NotReady, naming the holder, if another open run has the lock. */
  lockPair(input: LockInput): Promise<void>;
  checkReadiness(input: ReadinessInput): Promise<ReadinessReport>;
  /** The first of two readings that measure the primary's consumption. */
  samplePrimary(input: PageInput): Promise<PrimarySample>;
  /** The second reading, if there was a first. */
  fetchPrimarySequences(input: FetchInput): Promise<PrimaryPage>;
  computeTargets(input: ComputeInput): Promise<TargetReport>;
  applyTargets(input: ApplyInput): Promise<ApplyReport>;
  verifyStandby(input: VerifyInput): Promise<VerifyReport>;
  recordBuffer(input: RecordRequest): Promise<RecordReport>;
  recheckHeadroom(input: RecheckInput): Promise<RecheckReport>;
  /** Like recheckHeadroom, from the standby alone. */
  recheckStandby(input: RecheckStandbyInput): Promise<RecheckReport>;
  /** Like checkReadiness, for a primary that is said to be lost. It throws NotReady if the primary answers. */
  checkLostPrimary(input: LostPrimaryInput): Promise<ReadinessReport>;
  /** Like fetchPrimarySequences and computeTargets, from the evidence that exists without the primary. */
  computeByEvidence(input: EvidencePageInput): Promise<EvidenceReport>;
  /** Like verifyStandby, against the same evidence. */
  verifyByEvidence(input: EvidenceVerifyInput): Promise<Omit<VerifyReport, 'primaryReadAt' | 'readings'>>;
  /** Returns PRIMARY_BACK if a primary that was said to be lost answers. */
  findPrimary(input: { identity: PairIdentity }): Promise<Finding[]>;
  awaitReplication(input: AwaitReplicationInput): Promise<AwaitReplicationReport>;
  /**
   * Returns HANDOFF_NO_WORKER if nobody polls the task queue of the promotion workflow, of the hook before it, or of an operator's workflow,
   * and HANDOFF_ID_TAKEN if the promotion's workflow ID cannot be used.
   */
  checkHandoff(input: HandoffCheckInput): Promise<Finding[]>;
  closeRecord(input: CloseInput): Promise<RecordReport>;
  /** Posts a notification to NOTIFY_URL. */
  notify(notification: Notification): Promise<void>;
  /** The databases that exist on both servers of a pair, for a fleet. */
  listDatabases(input: DatabasesInput): Promise<DatabasesReport>;
}
