import type { Notification } from '../contract/notification.js';
import type { Finding } from '../contract/status.js';
import type { PageInput, PairIdentity } from './identity.js';
import type {
  ApplyInput,
  ApplyReport,
  CloseInput,
  ComputeInput,
  EvidenceInput,
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

/** The activities' signatures; workflows know no more of them. */
export interface Activities extends PromotionActivities {
  /** Takes the pair's lock for this workflow; throws NotReady, naming the holder, when another open run has it. */
  lockPair(input: LockInput): Promise<void>;
  checkReadiness(input: ReadinessInput): Promise<ReadinessReport>;
  /** The first of the two reads by which the primary's consumption is measured. */
  samplePrimary(input: PageInput): Promise<PrimarySample>;
  /** The second one, where there was a first. */
  fetchPrimarySequences(input: FetchInput): Promise<PrimaryPage>;
  computeTargets(input: ComputeInput): Promise<TargetReport>;
  applyTargets(input: ApplyInput): Promise<ApplyReport>;
  verifyStandby(input: VerifyInput): Promise<VerifyReport>;
  recordBuffer(input: RecordRequest): Promise<RecordReport>;
  recheckHeadroom(input: RecheckInput): Promise<RecheckReport>;
  /** As recheckHeadroom, by the standby's own rows. */
  recheckStandby(input: RecheckStandbyInput): Promise<RecheckReport>;
  /** As checkReadiness, with a primary that is said to be lost: throws NotReady where it answers. */
  checkLostPrimary(input: LostPrimaryInput): Promise<ReadinessReport>;
  /** As fetchPrimarySequences and computeTargets, from what is known without the primary. */
  computeByEvidence(input: EvidenceInput): Promise<EvidenceReport>;
  /** As verifyStandby, against the same evidence. */
  verifyByEvidence(input: EvidenceVerifyInput): Promise<Omit<VerifyReport, 'primaryReadAt' | 'readings'>>;
  /** PRIMARY_BACK when a primary that was said to be lost answers. */
  findPrimary(input: { identity: PairIdentity }): Promise<Finding[]>;
  awaitReplication(input: AwaitReplicationInput): Promise<AwaitReplicationReport>;
  /**
   * HANDOFF_NO_WORKER when nobody polls the task queue that the promotion workflow, or the hook before it, shall run on, HANDOFF_ID_TAKEN when its workflow ID
   * cannot be used.
   */
  checkHandoff(input: HandoffCheckInput): Promise<Finding[]>;
  closeRecord(input: CloseInput): Promise<RecordReport>;
  /** Posts a notification to NOTIFY_URL. */
  notify(notification: Notification): Promise<void>;
  /** The databases that exist on both servers of a pair, for a fleet. */
  listDatabases(input: DatabasesInput): Promise<DatabasesReport>;
}
