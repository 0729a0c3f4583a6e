import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { FenceMemory } from '../../src/steps/promotion-steps.js';
import { notRecorded } from '../failover/ledger-finding.js';
import { holder } from '../failover/lock.js';
import { recordingFence } from './activities.js';
import { tellOfLedger } from './findings.js';
import type { Promotion } from './promotion.js';

/** Records the state before the fence, so that the next promotion knows it if this one is terminated. */
export async function recordFence(promotion: Promotion, memory: FenceMemory): Promise<void> {
  const { identity, ticket, requestedBy, approvals } = promotion;
  const startedAt = workflowInfo().startTime.toISOString();
  const { unavailable } = await recordingFence.recordFence
    .executeWithOptions({ summary: 'record what the fence will change' }, [
      { identity, ...holder(), ticket, requestedBy, startedAt, approvals, fence: memory },
    ])
    .catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      return notRecorded(error);
    });
  tellOfLedger(promotion, unavailable);
}
